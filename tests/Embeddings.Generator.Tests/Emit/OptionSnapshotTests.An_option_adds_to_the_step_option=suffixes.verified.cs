FindSuffixes(tokens);
// Residual, over rows of 16. Fused: Gather, Gather, Add, PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Tokens = tokens, Suffixes = Suffixes, Residual = nextResidual, EmbeddingTable = Parameters.Pointer + #L, EmbeddingSuffixesTable = Parameters.Pointer + #L, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
// Gradient of Embedding.Suffixes.Table [512, 16]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 16, Suffixes, 512, nextResidualGradient, Gradients.Pointer + #L);
