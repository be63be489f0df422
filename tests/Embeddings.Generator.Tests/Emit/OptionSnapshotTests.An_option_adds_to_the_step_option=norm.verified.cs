T* normalizedMean = At(#); // [R, 1]
T* normalizedScale = At(#); // [R, 1]
// Normalized.Mean, Normalized.Scale, Residual, over rows of 16. Fused: Gather, RowSum, Multiply, Subtract, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize, PositionRows, Add.
Pool.RunRows(new EmbeddingResidualKernel { Tokens = tokens, EmbeddingTable = Parameters.Pointer + #L, NormalizedMean = normalizedMean, NormalizedScale = normalizedScale, Residual = nextResidual, EmbeddingPositions = Parameters.Pointer + #L }, R, #);
T* normalizedMean = At(#); // [R, 1]
T* normalizedScale = At(#); // [R, 1]
T* rowsGradient = At(#); // [R, 16]
// Rows.Gradient, over rows of 16. Fused: Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply.
// The group ends because the next operation, PositionSum, is not over rows of 16.
Pool.RunRows(new EmbeddingRowsGradientKernel { Tokens = tokens, ResidualGradient = nextResidualGradient, EmbeddingTable = Parameters.Pointer + #L, NormalizedMean = normalizedMean, NormalizedScale = normalizedScale, RowsGradient = rowsGradient }, R, #);
EmbeddingRows.ScatterAdd(Pool, R, 16, tokens, 256, rowsGradient, Gradients.Pointer + #L);
