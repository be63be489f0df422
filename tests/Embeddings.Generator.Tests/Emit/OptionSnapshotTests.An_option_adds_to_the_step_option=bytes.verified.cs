T* headState = At(#); // [R, 32]
// The group ends because the next operation, MatMul (Head.State), is not over rows of 16.
// Head.State [R, 32] = Head.Norm · Head.State.Weightᵀ
MatMul.Run(Pool, R, 32, 16, MatrixView<T>.Rows(headNorm, #), MatrixView<T>.Transposed(Parameters.Pointer + #L, #), headState, 32, accumulate: false);
ByteDecoder.Losses(Pool, R, 32, TargetSpelling, At(#), Parameters.Pointer + #L, Parameters.Pointer + #L, targets, 0, Losses.Pointer);
ByteDecoder.LogProbabilities(Pool, Vocabulary, 32, TargetSpelling, At(#) + row * #L, Parameters.Pointer + #L, Parameters.Pointer + #L, 0, logits);
T* headState = At(#); // [R, 32]
T* headStateGradient = At(#); // [R, 32]
T* headNormAgain = At(#); // [R, 16]
// Losses [R], token by token as its bytes, the gradient of the decoder's state, and of Head.Prefix [2048, 32], and of Head.Symbols [257, 32]; places by chunks
ByteDecoder.LossesAndGradients(Pool, R, 32, TargetSpelling, headState, 2048, Parameters.Pointer + #L, Parameters.Pointer + #L, targets, 0,
gradientScale, Losses.Pointer, headStateGradient, Gradients.Pointer + #L, Gradients.Pointer + #L, LossWeights);
// Head.Norm.Gradient [R, 16] = Head.State.Gradient · Head.State.Weight
MatMul.Run(Pool, R, 16, 32, MatrixView<T>.Rows(headStateGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L, #), headNormGradient, 16, accumulate: false);
// Residual.Gradient, Head.Norm.Again, the gradient of Head.Norm.Gain, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply, Multiply.
Pool.RunRows(new HeadResidualGradientKernel { HeadNormGradient = headNormGradient, Residual = residual, HeadNormMean = headNormMean, HeadNormScale = headNormScale, HeadNormGradientProductSums = headNormGradientMultiplyColumnSums, HeadNormGain = Parameters.Pointer + #L, HeadNormAgain = headNormAgain, ResidualGradient = residualGradient }, R, #);
// Gradient of Head.State.Weight [32, 16] += Head.State.Gradientᵀ · Head.Norm.Again
MatMul.WeightGradient(Pool, R, 32, 16, MatrixView<T>.Rows(headStateGradient, #), MatrixView<T>.Rows(headNormAgain, #),
Gradients.Pointer + #L, null);
