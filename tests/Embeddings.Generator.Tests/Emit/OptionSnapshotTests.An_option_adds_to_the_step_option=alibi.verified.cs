// Rows, over rows of 16. Fused: Gather.
Pool.RunRows(new EmbeddingRowsKernel { Tokens = tokens, Rows = nextResidual, EmbeddingTable = Parameters.Pointer + #L }, R, #);
// Causal attention, scores falling with distance: softmax(scores)·v for each head, and the log-sum-exp of each row
GeneralAttention.Forward(Pool, Batch, Context, 2, 2, 8, 0.35355339059327373, window: 0, slopes: true,
// Gradients of queries and keys and values, scores falling with distance, the probabilities computed again from the log-sum-exp
GeneralAttention.Backward(Pool, Batch, Context, 2, 2, 8, 0.35355339059327373, window: 0, slopes: true, distance: GeneralAttention.AnyDistance,
