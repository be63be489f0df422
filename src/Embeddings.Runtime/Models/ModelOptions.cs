using Embeddings.Cpu;

namespace Embeddings.Models;

/// <summary>What an instance of a compiled model needs at run time.</summary>
/// <param name="Pool">The threads it works on.</param>
/// <param name="Batch">Sequences in a pass.</param>
/// <param name="Spelling">
/// The composition rows of each token; needed when the input embedding is composed of bytes, otherwise null.
/// </param>
/// <param name="SuffixTokens">
/// The bytes of each token that has a row for the positions it ends at; needed when suffix rows are declared, otherwise null.
/// </param>
public sealed record ModelOptions(
    WorkerPool Pool, int Batch, Spelling? Spelling = null, IReadOnlyList<byte[]>? SuffixTokens = null)
{
    /// <summary>The bytes of each token of the targets, as rows 256·place + byte; needed by a head of bytes, otherwise null.</summary>
    public Spelling? TargetSpelling { get; init; }
}
