namespace Embeddings.Data;

/// <summary>How to read the data that a user names.</summary>
public sealed record CorpusOptions
{
    /// <summary>The field of a line of JSON, or the column of a Parquet file, that holds the text.</summary>
    public string TextField { get; init; } = "text";

    /// <summary>Seed of the generated language.</summary>
    public ulong Seed { get; init; }
}
