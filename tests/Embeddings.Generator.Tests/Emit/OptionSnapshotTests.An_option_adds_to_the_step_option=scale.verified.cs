// Attention.Residual [R, 16] = Attention.Mixed · Block.Attention.Output.Weightᵀ, then Multiply, Add on each finished stretch.
// FeedForward.Residual [R, 16] = FeedForward.Activation · Block.FeedForward.Down.Weightᵀ, then Multiply, Add on each finished stretch.
T* nextResidualGradientMultiply = At(#); // [R, 16]
T* attentionResidualGradientMultiply = At(#); // [R, 16]
// NextResidual.Gradient.Multiply, over rows of 16. Fused: Multiply.
// The group ends because the next operation, MatMul (FeedForward.Activation.Gradient), is not over rows of 16.
Pool.RunRows(new RowKernel { NextResidualGradientProduct = nextResidualGradientMultiply, NextResidualGradient = nextResidualGradient }, R, #);
// FeedForward.Up.Gradient [R, 64] = NextResidual.Gradient.Multiply · Block.FeedForward.Down.Weight, then Multiply, Multiply, Multiply, Multiply, Multiply, Multiply, Add, Multiply, Multiply, Add, Add, Multiply on each finished stretch.
MatMul.Run(Pool, R, 64, 16, MatrixView<T>.Rows(nextResidualGradientMultiply, #), MatrixView<T>.Rows(Parameters.Pointer + #L + layer * #L, #), feedForwardUpGradient, 64,
// Gradient of Block.FeedForward.Down.Weight [16, 64] += NextResidual.Gradient.Multiplyᵀ · FeedForward.Activation.Again
MatMul.WeightGradient(Pool, R, 16, 64, MatrixView<T>.Rows(nextResidualGradientMultiply, #), MatrixView<T>.Rows(feedForwardActivationAgain, #),
// Attention.Residual.Gradient, Attention.Residual.Gradient.Multiply, FeedForward.Norm.Again, the gradient of Block.FeedForward.Norm.Gain, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply, Add, Multiply, Multiply.
Pool.RunRows(new AttentionResidualGradientKernel { FeedForwardNormGradient = feedForwardNormGradient, AttentionResidual = attentionResidual, FeedForwardNormMean = feedForwardNormMean, FeedForwardNormScale = feedForwardNormScale, FeedForwardNormGradientProductSums = feedForwardNormGradientMultiplyColumnSums, BlockFeedForwardNormGain = Parameters.Pointer + #L + layer * #L, FeedForwardNormAgain = feedForwardNormAgain, AttentionResidualGradient = attentionResidualGradient, NextResidualGradient = nextResidualGradient, AttentionResidualGradientProduct = attentionResidualGradientMultiply }, R, #);
// Attention.Mixed.Gradient [R, 16] = Attention.Residual.Gradient.Multiply · Block.Attention.Output.Weight
MatMul.Run(Pool, R, 16, 16, MatrixView<T>.Rows(attentionResidualGradientMultiply, #), MatrixView<T>.Rows(Parameters.Pointer + #L + layer * #L, #), attentionMixedGradient, 16, accumulate: false);
// Gradient of Block.Attention.Output.Weight [16, 16] += Attention.Residual.Gradient.Multiplyᵀ · Attention.Mixed
MatMul.WeightGradient(Pool, R, 16, 16, MatrixView<T>.Rows(attentionResidualGradientMultiply, #), MatrixView<T>.Rows(attentionMixed, #),
