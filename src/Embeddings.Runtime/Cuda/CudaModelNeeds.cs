namespace Embeddings.Cuda;

/// <summary>Memory that a generated step asks for beside parameters, gradients and moments.</summary>
/// <param name="BytesPerToken">Saved activations and temporaries, for each of the B·T tokens of a pass.</param>
/// <param name="WorkingBytes">All else, whatever the batch: chunks of logits, partial sums, tables.</param>
public readonly record struct CudaModelNeeds(long BytesPerToken, long WorkingBytes);
