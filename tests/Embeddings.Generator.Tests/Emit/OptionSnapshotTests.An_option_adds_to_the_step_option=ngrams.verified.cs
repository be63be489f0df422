FindNgrams(tokens, order: 2, rows: #);
// Residual, over rows of 16. Fused: Gather, Gather, Add, PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Tokens = tokens, Ngrams2 = Ngrams(#), Residual = nextResidual, EmbeddingTable = Parameters.Pointer + #L, EmbeddingNgrams2Table = Parameters.Pointer + #L, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
// Gradient of Embedding.Ngrams2.Table [101, 16]: each row to its id, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 16, Ngrams(#), 101, nextResidualGradient, Gradients.Pointer + #L);
