namespace Embeddings.Cuda;

/// <content>Muon: the step of a matrix is its momentum with all singular values brought near 1 by products alone.</content>
public sealed unsafe partial class KernelLibrary
{
    /// <summary>Coefficients of the quintic Newton–Schulz iteration, as on the processor.</summary>
    private const float First = 3.4445f, Third = -4.7750f, Fifth = 2.0315f;

    private const int NormResult = 2;

    private readonly nint _muonMomentum;
    private readonly nint _muonScale;
    private readonly nint _muonStep;

    /// <summary>
    /// m = μm + g; u = g + μm; p = kept·p − rate·√max(1, rows/columns)·orthogonal(u), g being the gradient times its factor. orthogonal(u):
    /// X = u/‖u‖, then for each iteration X = aX + (bA + cA²)X with A = XXᵀ on the shorter side; products read and write elements.
    /// </summary>
    /// <param name="rows">Rows of the matrix: its outputs.</param>
    /// <param name="columns">Columns of the matrix: its inputs.</param>
    /// <param name="iterations">Newton–Schulz iterations.</param>
    /// <param name="master">p, [rows, columns] floats.</param>
    /// <param name="parameters">The elements that products of a pass read; the masters themselves in fp32.</param>
    /// <param name="gradients">Floats; read only.</param>
    /// <param name="momentum">m, [rows, columns] floats.</param>
    /// <param name="memory">Working memory, <see cref="MuonBytes"/> or more.</param>
    /// <param name="settings">From <see cref="MuonSettings"/>.</param>
    /// <param name="gradientFactor">One float: factor on the gradient, for clipping.</param>
    public void Muon(
        int rows, int columns, int iterations, nint master, nint parameters, nint gradients, nint momentum, nint memory, nint settings,
        nint gradientFactor)
    {
        long count = (long)rows * columns;
        int side = Math.Min(rows, columns);
        nint norm = memory;
        nint partials = norm + sizeof(float) * NormResult;
        nint direction = memory + (nint)Aligned(sizeof(float) * (NormResult + NormPartials));
        nint x = direction + (nint)Aligned(sizeof(float) * count);
        nint next = x + (nint)Aligned(Element.Bytes() * count);
        nint gram = next + (nint)Aligned(Element.Bytes() * count);
        nint polynomial = gram + (nint)Aligned(Element.Bytes() * (long)side * side);

        void** momentumArguments = stackalloc void*[] { &gradients, &momentum, &direction, &settings, &gradientFactor, &count };
        _device.Launch(_muonMomentum, Flat(count), momentumArguments, 6);
        GradientNorm(count, 0, direction, partials, norm);
        void** scaleArguments = stackalloc void*[] { &direction, &x, &norm, &count };
        _device.Launch(_muonScale, Flat(count), scaleArguments, 4);
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            Iterate(rows, columns, x, gram, polynomial, next);
            (x, next) = (next, x);
        }

        float shape = MathF.Sqrt(Math.Max(1, (float)rows / columns));
        void** stepArguments = stackalloc void*[] { &master, &parameters, &x, &settings, &shape, &count };
        _device.Launch(_muonStep, Flat(count), stepArguments, 6);
    }

    /// <summary>Bytes of working memory for a matrix: its direction, two copies of elements, two squares of the shorter side.</summary>
    /// <param name="count">Its elements.</param>
    /// <param name="side">Its shorter side.</param>
    /// <param name="element">Type of elements.</param>
    public static long MuonBytes(long count, int side, CudaElement element) =>
        Aligned(sizeof(float) * (NormResult + NormPartials)) + Aligned(sizeof(float) * count) + 2 * Aligned(element.Bytes() * count)
        + 2 * Aligned(element.Bytes() * (long)side * side);

    /// <summary>What a step of Muon needs to know, as its kernels read it: μ, 1 − rate·decay, rate.</summary>
    /// <param name="settings">Receives 3 values.</param>
    /// <param name="learningRate">Already scheduled.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="weightDecay">A share of the rate.</param>
    public static void MuonSettings(Span<float> settings, double learningRate, double momentum, double weightDecay)
    {
        settings[0] = (float)momentum;
        settings[1] = (float)(1 - learningRate * weightDecay);
        settings[2] = (float)learningRate;
    }

    /// <summary>next = aX + (bA + cA²)X.</summary>
    private void Iterate(int rows, int columns, nint x, nint gram, nint polynomial, nint next)
    {
        bool wide = rows <= columns;
        int side = Math.Min(rows, columns);
        _device.Multiply(new DeviceProduct
        {
            M = side, N = side, K = Math.Max(rows, columns),
            A = x, LeadingA = columns, TransposeA = !wide,
            B = x, LeadingB = columns, TransposeB = wide,
            C = gram, LeadingC = side,
            Alpha = 1, InputElement = Element, OutputElement = Element,
        });
        _device.Copy(polynomial, gram, (long)Element.Bytes() * side * side);
        _device.Multiply(new DeviceProduct
        {
            M = side, N = side, K = side,
            A = gram, LeadingA = side,
            B = gram, LeadingB = side,
            C = polynomial, LeadingC = side, Beta = Third,
            Alpha = Fifth, InputElement = Element, OutputElement = Element,
        });
        _device.Copy(next, x, (long)Element.Bytes() * rows * columns);
        _device.Multiply(new DeviceProduct
        {
            M = rows, N = columns, K = side,
            A = wide ? polynomial : x, LeadingA = side,
            B = wide ? x : polynomial, LeadingB = columns,
            C = next, LeadingC = columns, Beta = First,
            Alpha = 1, InputElement = Element, OutputElement = Element,
        });
    }

    private static long Aligned(long bytes) => (bytes + MemoryAlignment - 1) / MemoryAlignment * MemoryAlignment;
}
