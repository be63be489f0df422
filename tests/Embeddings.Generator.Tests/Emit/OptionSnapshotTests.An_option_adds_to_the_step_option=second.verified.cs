// Residual, over rows of 16. Fused: Gather, Gather, Add, PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Tokens = tokens, SecondTokens = SecondTokens(tokens), Residual = nextResidual, EmbeddingTable = Parameters.Pointer + #L, EmbeddingSecondTable = Parameters.Pointer + #L, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
// Gradient of Embedding.Second.Table [512, 16]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 16, SecondTokens(tokens), 512, nextResidualGradient, Gradients.Pointer + #L);
