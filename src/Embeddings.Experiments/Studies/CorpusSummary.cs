namespace Embeddings.Experiments.Studies;

/// <summary>The text a study trains and validates on.</summary>
public sealed record CorpusSummary
{
    /// <summary>What it is, in a few words.</summary>
    public required string Name { get; init; }

    /// <summary>Identity of its bytes and of its split.</summary>
    public required string Hash { get; init; }

    /// <summary>Bytes to train on.</summary>
    public required long TrainingBytes { get; init; }

    /// <summary>Held-out bytes.</summary>
    public required long ValidationBytes { get; init; }

    /// <summary>Documents to train on.</summary>
    public required int TrainingDocuments { get; init; }

    /// <summary>Held-out documents.</summary>
    public required int ValidationDocuments { get; init; }
}
