T* codes = At(#); // [R, 1]
T* positionRows = At(#); // [R, 16]
// Codes, PositionRows, over rows of 16. Fused: Gather, PositionRows.
// The group ends because the next operation, MatMul (Rows), is not over rows of 16.
Pool.RunRows(new EmbeddingPositionRowsKernel { Tokens = tokens, PositionRows = positionRows, EmbeddingPositions = Parameters.Pointer + #L, EmbeddingCodes = Parameters.Pointer + #L, Codes = codes }, R, #);
// Residual [R, 16] = Codes · Embedding.Projectionᵀ, then Add on each finished stretch.
MatMul.Run(Pool, R, 16, 1, MatrixView<T>.Rows(codes, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), nextResidual, 16,
new EmbeddingResidualEpilogue { Residual = nextResidual, PositionRows = positionRows });
T* codesGradient = At(#); // [R, 1]
T* codes = At(#); // [R, 1]
// Codes.Gradient [R, 1] = Residual.Gradient · Embedding.Projection
MatMul.Run(Pool, R, 1, 16, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), codesGradient, 1, accumulate: false);
// Gradient of Embedding.Projection [16, 1] += Residual.Gradientᵀ · Codes
MatMul.WeightGradient(Pool, R, 16, 1, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(codes, #),
Gradients.Pointer + #L, null);
// Gradient of Embedding.Codes [256, 1]: each row to its token, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 1, tokens, 256, codesGradient, Gradients.Pointer + #L);
