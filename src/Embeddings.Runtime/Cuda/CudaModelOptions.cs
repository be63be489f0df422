using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>What an instance of a model on a CUDA device needs.</summary>
/// <param name="Device">The device; stays open when the model is disposed.</param>
/// <param name="Batch">Sequences in a pass.</param>
/// <param name="Element">
/// Type of activations and of the weights that products read. Master weights, gradients of parameters and moments are fp32 with either.
/// </param>
/// <param name="Spelling">The composition rows of each token; needed when the input embedding is composed of bytes.</param>
/// <param name="SuffixTokens">The bytes of each token that has a row for the positions it ends at; needed when suffix rows are declared.</param>
public sealed record CudaModelOptions(
    ICudaDevice Device, int Batch, CudaElement Element, Spelling? Spelling = null, IReadOnlyList<byte[]>? SuffixTokens = null)
{
    /// <summary>The bytes of each token of the targets, as rows 256·place + byte; needed by a head of bytes, otherwise null.</summary>
    public Spelling? TargetSpelling { get; init; }

    /// <summary>Rows of logits that exist at one time: enough to fill a device, few enough for the largest vocabulary.</summary>
    public int LogitRows { get; init; } = 8192;
}
