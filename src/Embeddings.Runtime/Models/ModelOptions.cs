using Embeddings.Cpu;

namespace Embeddings.Models;

/// <summary>What an instance of a compiled model needs at run time.</summary>
/// <param name="Pool">The threads it works on.</param>
/// <param name="Batch">Sequences in a pass.</param>
/// <param name="Spelling">
/// The composition rows of each token; needed when the input embedding is composed of bytes, otherwise null.
/// </param>
public sealed record ModelOptions(WorkerPool Pool, int Batch, Spelling? Spelling = null);
