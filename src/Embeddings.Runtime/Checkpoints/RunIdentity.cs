namespace Embeddings.Checkpoints;

/// <summary>What makes a run the run it is: two runs of equal identity and budget end with the same bits.</summary>
public sealed record RunIdentity
{
    /// <summary>Name of the declared class.</summary>
    public required string Variant { get; init; }

    /// <summary>Hash of its declaration.</summary>
    public required string DeclarationHash { get; init; }

    /// <summary>Identity of the tokenizer.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>Hash of the documents trained on.</summary>
    public required string TrainingData { get; init; }

    /// <summary>Hash of the documents measured on.</summary>
    public required string ValidationData { get; init; }

    /// <summary>Seed of initial values and of the order of documents.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Factor on every declared learning rate.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>What tells this from another identity, in words, or null where they are equal.</summary>
    public string? DifferenceFrom(RunIdentity other) =>
        Variant != other.Variant ? $"the variant {other.Variant}, not {Variant}"
        : DeclarationHash != other.DeclarationHash ? $"another declaration of {Variant}"
        : Tokenizer != other.Tokenizer ? "another tokenizer"
        : TrainingData != other.TrainingData ? "other training data"
        : ValidationData != other.ValidationData ? "other validation data"
        : Seed != other.Seed ? $"seed {other.Seed}, not {Seed}"
        : RateScale != other.RateScale ? FormattableString.Invariant($"learning rates times {other.RateScale}, not {RateScale}")
        : null;
}
