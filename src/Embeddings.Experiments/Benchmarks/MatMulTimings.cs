namespace Embeddings.Experiments.Benchmarks;

/// <summary>The products of a linear layer in a training step.</summary>
internal enum ProductForm
{
    /// <summary>Y[m, n] = X[m, k] · W[n, k]ᵀ.</summary>
    Forward,

    /// <summary>dX[m, k] = dY[m, n] · W[n, k].</summary>
    InputGradient,

    /// <summary>dW[n, k] += dY[m, n]ᵀ · X[m, k].</summary>
    WeightGradient,
}

/// <summary>How fast one product is.</summary>
/// <param name="Layer">The linear layer.</param>
/// <param name="Form">Which of its products.</param>
/// <param name="Copies">How often the model has the layer.</param>
/// <param name="M">Rows: tokens.</param>
/// <param name="N">The layer's outputs.</param>
/// <param name="K">The layer's inputs.</param>
/// <param name="Gflops">Median rate in 10⁹ operations a second.</param>
/// <param name="PeakFraction">Median share of the peak measured around each timing.</param>
internal sealed record ProductTiming(string Layer, ProductForm Form, int Copies, int M, int N, int K, double Gflops, double PeakFraction);

/// <summary>What <c>bench matmul --json</c> prints.</summary>
internal sealed record MatMulTimings
{
    /// <summary>The variant.</summary>
    public required string Variant { get; init; }

    /// <summary>Threads it ran on.</summary>
    public required int Threads { get; init; }

    /// <summary>Bits of the vectors that the peak was measured with.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Median rate of multiply-adds in registers alone, on the same threads, beside the products.</summary>
    public required double PeakGflops { get; init; }

    /// <summary>Rate of all products of a step, each as often as the step makes it.</summary>
    public required double Gflops { get; init; }

    /// <summary>Share of the peak of all products of a step.</summary>
    public required double PeakFraction { get; init; }

    /// <summary>Each product.</summary>
    public required IReadOnlyList<ProductTiming> Products { get; init; }
}
