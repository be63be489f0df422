T* future1Residual = At(#); // [R, 16]
T* future1NormScale = At(#); // [R, 1]
T* future1NormNormalized = At(#); // [R, 16]
T* future1Norm = At(#); // [R, 16]
T* future2Residual = At(#); // [R, 16]
T* future2NormScale = At(#); // [R, 1]
T* future2NormNormalized = At(#); // [R, 16]
T* future2Norm = At(#); // [R, 16]
T* future2NormGradient = At(#); // [R, 16]
T* future2ResidualGradient = At(#); // [R, 16]
T* future2NormGradientMultiplyColumnSums = At(#); // [R, 3]
T* residualGradient2 = At(#); // [R, 16]
T* future1NormGradient = At(#); // [R, 16]
T* future1ResidualGradient = At(#); // [R, 16]
T* residualGradient3 = At(#); // [R, 16]
T* future1NormGradientMultiplyColumnSums = At(#); // [R, 3]
T* residualGradient4 = At(#); // [R, 16]
// Future1.Residual [R, 16] = Residual · Future1.Projection.Weightᵀ, then Add on each finished stretch.
MatMul.Run(Pool, R, 16, 16, MatrixView<T>.Rows(residual, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), future1Residual, 16,
new HeadFuture1ResidualEpilogue { Future1Residual = future1Residual, Residual = residual });
// Future1.Norm.Scale, Future1.Norm.Normalized, Future1.Norm, over rows of 16. Fused: RowSum, Multiply, Subtract, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize, Multiply.
// The group ends because the next operation, MatMul (Future2.Projection), is not over rows of 16.
Pool.RunRows(new HeadFuture1NormKernel { Future1Residual = future1Residual, Future1NormScale = future1NormScale, Future1NormNormalized = future1NormNormalized, Future1Norm = future1Norm, Future1NormGain = Parameters.Pointer + #L }, R, #);
// Future2.Residual [R, 16] = Residual · Future2.Projection.Weightᵀ, then Add on each finished stretch.
MatMul.Run(Pool, R, 16, 16, MatrixView<T>.Rows(residual, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), future2Residual, 16,
new HeadFuture2ResidualEpilogue { Future2Residual = future2Residual, Residual = residual });
// Future2.Norm.Scale, Future2.Norm.Normalized, Future2.Norm, over rows of 16. Fused: RowSum, Multiply, Subtract, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize, Multiply.
// The group ends because the next operation, LinearCrossEntropyGradient (Head.Gradient), is not over rows of 16.
Pool.RunRows(new HeadFuture2NormKernel { Future2Residual = future2Residual, Future2NormScale = future2NormScale, Future2NormNormalized = future2NormNormalized, Future2Norm = future2Norm, Future2NormGain = Parameters.Pointer + #L }, R, #);
// Losses [R] of the target 2 further ahead, the gradient of the head's input, and of Head.Weight [256, 16]; logits by row chunks
LinearCrossEntropy.LossesAndGradients(Pool, R, Width, Vocabulary, future2Norm, Parameters.Pointer + #L, FutureTargets(targets, #), 0,
gradientScale * Lanes.Scalar<T>(0.#), FutureLosses(#), future2NormGradient, Gradients.Pointer + #L, LossWeights);
// Future2.Residual.Gradient, the gradient of Future2.Norm.Gain, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply.
// The group ends because the next operation, MatMul (Residual.Gradient), is not over rows of 16.
Pool.RunRows(new HeadFuture2ResidualGradientKernel { Future2NormGradient = future2NormGradient, Future2NormNormalized = future2NormNormalized, Future2NormGradientProductSums = future2NormGradientMultiplyColumnSums, Future2NormGain = Parameters.Pointer + #L, Future2ResidualGradient = future2ResidualGradient, Future2NormScale = future2NormScale }, R, #);
PartialSums.Add(Pool, WorkerPool.Tiles(R, #), 16, future2NormGradientMultiplyColumnSums, Gradients.Pointer + #L);
// Residual.Gradient [R, 16] = Future2.Residual.Gradient · Future2.Projection.Weight, then Add on each finished stretch.
MatMul.Run(Pool, R, 16, 16, MatrixView<T>.Rows(future2ResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), residualGradient2, 16,
new HeadResidualGradientEpilogue { ResidualGradient = residualGradient2, Future2ResidualGradient = future2ResidualGradient });
// Gradient of Future2.Projection.Weight [16, 16] += Future2.Residual.Gradientᵀ · Residual
MatMul.WeightGradient(Pool, R, 16, 16, MatrixView<T>.Rows(future2ResidualGradient, #), MatrixView<T>.Rows(residual, #),
Gradients.Pointer + #L, null);
// Losses [R] of the target 1 further ahead, the gradient of the head's input, and of Head.Weight [256, 16]; logits by row chunks
LinearCrossEntropy.LossesAndGradients(Pool, R, Width, Vocabulary, future1Norm, Parameters.Pointer + #L, FutureTargets(targets, #), 0,
gradientScale * Lanes.Scalar<T>(0.#), FutureLosses(#), future1NormGradient, Gradients.Pointer + #L, LossWeights);
// Future1.Residual.Gradient, Residual.Gradient, the gradient of Future1.Norm.Gain, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply, Add.
// The group ends because the next operation, MatMul (Residual.Gradient), is not over rows of 16.
Pool.RunRows(new HeadResidualGradientKernel { Future1NormGradient = future1NormGradient, Future1NormNormalized = future1NormNormalized, Future1NormGradientProductSums = future1NormGradientMultiplyColumnSums, Future1NormGain = Parameters.Pointer + #L, Future1ResidualGradient = future1ResidualGradient, Future1NormScale = future1NormScale, ResidualGradientValue = residualGradient3, ResidualGradient2 = residualGradient2 }, R, #);
PartialSums.Add(Pool, WorkerPool.Tiles(R, #), 16, future1NormGradientMultiplyColumnSums, Gradients.Pointer + #L);
// Residual.Gradient [R, 16] = Future1.Residual.Gradient · Future1.Projection.Weight, then Add on each finished stretch.
MatMul.Run(Pool, R, 16, 16, MatrixView<T>.Rows(future1ResidualGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), residualGradient4, 16,
new HeadResidualGradient2Epilogue { ResidualGradient = residualGradient4, ResidualGradientValue = residualGradient3 });
// Gradient of Future1.Projection.Weight [16, 16] += Future1.Residual.Gradientᵀ · Residual
MatMul.WeightGradient(Pool, R, 16, 16, MatrixView<T>.Rows(future1ResidualGradient, #), MatrixView<T>.Rows(residual, #),
Gradients.Pointer + #L, null);
// Residual.Gradient, the gradient of Head.Norm.Gain, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply, Add.
Pool.RunRows(new HeadResidualGradient2Kernel { HeadNormGradient = headNormGradient, Residual = residual, HeadNormMean = headNormMean, HeadNormScale = headNormScale, HeadNormGradientProductSums = headNormGradientMultiplyColumnSums, HeadNormGain = Parameters.Pointer + #L, ResidualGradient = residualGradient, ResidualGradientValue = residualGradient4 }, R, #);
