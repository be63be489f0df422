namespace Embeddings.Cuda;

/// <summary>
/// A matrix product on the device, row-major: C[M, N] = epilogue(Alpha · op(A)[M, K] · op(B)[K, N] + Beta · addend[M, N]), summed in fp32.
/// A row of a matrix is contiguous; consecutive rows stand a leading dimension apart.
/// </summary>
public struct DeviceProduct
{
    /// <summary>Rows of C.</summary>
    public int M;

    /// <summary>Columns of C.</summary>
    public int N;

    /// <summary>Terms of a sum.</summary>
    public int K;

    /// <summary>Whether A is stored as [K, M] instead of [M, K].</summary>
    public bool TransposeA;

    /// <summary>Whether B is stored as [N, K] instead of [K, N], as the weight of a linear layer is.</summary>
    public bool TransposeB;

    /// <summary>Type of the elements of A and B.</summary>
    public CudaElement InputElement;

    /// <summary>Type of the elements of C, of <see cref="Auxiliary"/> and of <see cref="Bias"/>.</summary>
    public CudaElement OutputElement;

    /// <summary>Address of A.</summary>
    public nint A;

    /// <summary>Elements from one stored row of A to the next.</summary>
    public int LeadingA;

    /// <summary>Address of B.</summary>
    public nint B;

    /// <summary>Elements from one stored row of B to the next.</summary>
    public int LeadingB;

    /// <summary>Address of C.</summary>
    public nint C;

    /// <summary>Elements from one row of C to the next.</summary>
    public int LeadingC;

    /// <summary>Address of the addend, whose rows are as far apart as C's and which does not meet C; 0: what C held.</summary>
    public nint Addend;

    /// <summary>Factor of the product.</summary>
    public float Alpha;

    /// <summary>Factor of the addend; 0 does not read it. Other values go with the epilogues None and Bias only.</summary>
    public float Beta;

    /// <summary>What is done to the sums before they are stored.</summary>
    public ProductEpilogue Epilogue;

    /// <summary>Address of N values (M for <see cref="ProductEpilogue.RowSumsOfA"/>), read or written by epilogues that name a bias.</summary>
    public nint Bias;

    /// <summary>Address of an [M, N] matrix of the pre-activation, read or written by epilogues that name it.</summary>
    public nint Auxiliary;

    /// <summary>Elements from one row of <see cref="Auxiliary"/> to the next.</summary>
    public int LeadingAuxiliary;

    /// <summary>Floating-point operations: 2·M·N·K.</summary>
    public readonly double Flops => 2.0 * M * N * K;
}

/// <summary>Types of elements on the device.</summary>
public enum CudaElement
{
    /// <summary>fp32.</summary>
    Single,

    /// <summary>bfloat16: the upper half of an fp32.</summary>
    BFloat16,
}

/// <summary>What is known of types of elements.</summary>
public static class CudaElements
{
    /// <summary>Bytes of an element.</summary>
    public static int Bytes(this CudaElement element) => element == CudaElement.Single ? sizeof(float) : sizeof(ushort);
}

/// <summary>
/// What a product does to its sums. gelu(x) = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), arXiv 1606.08415.
/// </summary>
public enum ProductEpilogue
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>C = sums + Bias, to every row.</summary>
    Bias,

    /// <summary>Auxiliary = sums; C = gelu(sums).</summary>
    Gelu,

    /// <summary>Auxiliary = sums + Bias; C = gelu(sums + Bias).</summary>
    BiasGelu,

    /// <summary>C = sums · gelu'(Auxiliary).</summary>
    GeluGradient,

    /// <summary>C = sums · gelu'(Auxiliary); Bias = column sums of C, written.</summary>
    GeluGradientBias,

    /// <summary>
    /// Bias[M values] = sums over k of op(A)[m, k], written: with A = dYᵀ, the bias gradient beside the weight gradient dYᵀ · X.
    /// </summary>
    RowSumsOfA,
}
