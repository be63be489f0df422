using System.Text.Json.Serialization;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>What <c>bench step --json</c> prints; the names are stable.</summary>
internal sealed record StepTiming
{
    /// <summary>The variant.</summary>
    public required string Variant { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Device { get; init; }

    /// <summary>Threads it ran on.</summary>
    public required int Threads { get; init; }

    /// <summary>Sequences in a pass.</summary>
    public required int Batch { get; init; }

    /// <summary>Positions in a sequence.</summary>
    public required int Context { get; init; }

    /// <summary>Steps timed, of which the median is told.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens of a step over its median time.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Median time of a step.</summary>
    public required double MillisecondsPerStep { get; init; }

    /// <summary>10⁹ floating-point operations a second: 6 · matrix-product parameters + 6·L·C·T of causal attention for each token.</summary>
    public required double Gflops { get; init; }

    /// <summary>
    /// Median rate of multiply-adds in registers alone, on the same threads, beside the steps; on a CUDA device, the rate of a large matrix product.
    /// </summary>
    public required double PeakGflops { get; init; }

    /// <summary>Median share of that rate that a step reached, each step against the samples around it.</summary>
    public required double PeakFraction { get; init; }

    /// <summary>Bits of the vectors that the peak was measured with; 0 on a CUDA device.</summary>
    public required int VectorBits { get; init; }

    /// <summary>The most memory the process held resident, in MiB.</summary>
    public required double PeakMemoryMiB { get; init; }

    /// <summary>Median number of bytes that a step took from the garbage-collected heap.</summary>
    public required double AllocatedBytesPerStep { get; init; }

    /// <summary>Seconds from the start of the process to the end of the first step.</summary>
    public required double StartupSeconds { get; init; }

    /// <summary>Where the time of a step goes, the longest first; null where nobody asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KernelTiming>? Kernels { get; init; }
}

/// <summary>One kernel's part of a step.</summary>
/// <param name="Kernel">Its name, and that of the row kernel or epilogue inside it.</param>
/// <param name="Tiles">Tiles it is cut into.</param>
/// <param name="RunsPerStep">How often a step runs it.</param>
/// <param name="MillisecondsPerStep">From its start to the end of its last tile, all runs of a step together.</param>
/// <param name="Share">Of the time of a step.</param>
internal sealed record KernelTiming(string Kernel, int Tiles, double RunsPerStep, double MillisecondsPerStep, double Share);
