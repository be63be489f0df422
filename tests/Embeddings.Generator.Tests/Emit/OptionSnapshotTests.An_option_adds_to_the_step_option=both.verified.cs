T* composedRows = At(#); // [R, 16]
// ComposedRows [R, 16]: the composition rows of each token's bytes, summed, over √count
EmbeddingRows.GatherSum(Pool, R, 16, tokens, Spelling, Parameters.Pointer + #L, composedRows);
// Residual, over rows of 16. Fused: Gather, Add, PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Tokens = tokens, Residual = nextResidual, EmbeddingTable = Parameters.Pointer + #L, ComposedRows = composedRows, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
// Gradient of Embedding.Composition [4096, 16]: each row to every byte of its token
EmbeddingRows.ScatterSum(Pool, R, 16, tokens, Spelling, 4096, nextResidualGradient, Gradients.Pointer + #L);
