namespace Embeddings.Experiments.Studies;

/// <summary>What one finished run measured.</summary>
public sealed record RunResult
{
    /// <summary>The variant's name.</summary>
    public required string Variant { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Factor on every learning rate that the variant declares.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>Bits per byte on the held-out bytes.</summary>
    public required double ValidationBitsPerByte { get; init; }

    /// <summary>Bytes of training text asked for.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>Bytes of training text read.</summary>
    public required long Bytes { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Floating-point operations of training, the head's included.</summary>
    public required double Flops { get; init; }

    /// <summary>Floating-point operations of training without the head's.</summary>
    public required double FlopsWithoutHead { get; init; }

    /// <summary>Wall time of the training steps.</summary>
    public required double Seconds { get; init; }
}
