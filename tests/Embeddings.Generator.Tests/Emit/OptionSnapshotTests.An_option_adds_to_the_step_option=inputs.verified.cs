// Gradient of Embedding.Table [300, 16]: each row to its token, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 16, tokens, 300, nextResidualGradient, Gradients.Pointer + #L);
