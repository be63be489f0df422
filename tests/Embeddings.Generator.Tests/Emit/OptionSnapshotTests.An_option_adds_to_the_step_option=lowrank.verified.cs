T* codes = At(#); // [R, 4]
T* rows = At(#); // [R, 16]
// Codes, over rows of 4. Fused: Gather.
// The group ends because the next operation, MatMul (Rows), is not over rows of 4.
Pool.RunRows(new EmbeddingCodesKernel { Tokens = tokens, Codes = codes, EmbeddingCodes = Parameters.Pointer + #L }, R, #);
// Rows [R, 16] = Codes · Embedding.Projectionᵀ
MatMul.Run(Pool, R, 16, 4, MatrixView<T>.Rows(codes, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), rows, 16, accumulate: false);
// Residual, over rows of 16. Fused: PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Residual = nextResidual, Rows = rows, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
T* codesGradient = At(#); // [R, 4]
T* codes = At(#); // [R, 4]
// Codes.Gradient [R, 4] = Residual.Gradient · Embedding.Projection
MatMul.Run(Pool, R, 4, 16, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), codesGradient, 4, accumulate: false);
// Gradient of Embedding.Projection [16, 4] += Residual.Gradientᵀ · Codes
MatMul.WeightGradient(Pool, R, 16, 4, MatrixView<T>.Rows(nextResidualGradient, #), MatrixView<T>.Rows(codes, #),
Gradients.Pointer + #L, null);
// Gradient of Embedding.Codes [256, 4]: each row to its token, in order of position
EmbeddingRows.ScatterAdd(Pool, R, 4, tokens, 256, codesGradient, Gradients.Pointer + #L);
