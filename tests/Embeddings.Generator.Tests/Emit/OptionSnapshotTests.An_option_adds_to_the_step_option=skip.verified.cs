Clear(InitialGradient, Width);
T* initialResidual = Residual(#); // [R, 16]
T* inputSkip = Saved(layer, #); // [R, 16]
// InputSkip, Attention.Norm.Mean, Attention.Norm.Scale, Attention.Norm, over rows of 16. Fused: Multiply, Multiply, Add, RowSum, Multiply, Subtract, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize, Multiply.
Pool.RunRows(new AttentionNormKernel { InputSkip = inputSkip, Residual = residual, BlockInputSkipResidual = Parameters.Pointer + #L + layer * #L, Initial = initialResidual, BlockInputSkipInitial = Parameters.Pointer + #L + layer * #L, AttentionNormMean = attentionNormMean, AttentionNormScale = attentionNormScale, AttentionNorm = attentionNorm, BlockAttentionNormGain = Parameters.Pointer + #L + layer * #L }, R, #);
new AttentionResidualEpilogue { AttentionResidual = attentionResidual, InputSkip = inputSkip });
T* inputSkip = Saved(layer, #); // [R, 16]
T* initialResidual = Residual(#); // [R, 16]
T* initialGradient = InitialGradient; // [R, 16]
T* inputSkipGradientMultiplyColumnSums = At(#); // [R, 3]
T* inputSkipGradientMultiplyColumnSums2 = At(#); // [R, 3]
// Attention.Residual.Gradient, Attention.Norm.Again, FeedForward.Norm.Again, the gradient of Block.FeedForward.Norm.Gain, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply, Add, Multiply, Multiply.
Pool.RunRows(new AttentionNormAgainKernel { FeedForwardNormGradient = feedForwardNormGradient, AttentionResidual = attentionResidual, FeedForwardNormMean = feedForwardNormMean, FeedForwardNormScale = feedForwardNormScale, FeedForwardNormGradientProductSums = feedForwardNormGradientMultiplyColumnSums, BlockFeedForwardNormGain = Parameters.Pointer + #L + layer * #L, AttentionNormAgain = attentionNormAgain, InputSkip = inputSkip, AttentionNormMean = attentionNormMean, AttentionNormScale = attentionNormScale, BlockAttentionNormGain = Parameters.Pointer + #L + layer * #L, FeedForwardNormAgain = feedForwardNormAgain, AttentionResidualGradient = attentionResidualGradient, NextResidualGradient = nextResidualGradient }, R, #);
// ResidualGradient, Initial.GradientSum, the gradient of Block.Attention.Norm.Gain, the gradient of Block.InputSkip.Initial, the gradient of Block.InputSkip.Residual, over rows of 16. Fused: Multiply, Multiply, ColumnSum, Multiply, RowSum, Multiply, Multiply, Subtract, RowSum, Multiply, Subtract, Multiply, Add, Multiply, Multiply, ColumnSum, Multiply, Multiply, ColumnSum, Add.
Pool.RunRows(new InitialGradientSumKernel { AttentionNormGradient = attentionNormGradient, InputSkip = inputSkip, AttentionNormMean = attentionNormMean, AttentionNormScale = attentionNormScale, AttentionNormGradientProductSums = attentionNormGradientMultiplyColumnSums, BlockAttentionNormGain = Parameters.Pointer + #L + layer * #L, AttentionResidualGradient = attentionResidualGradient, Initial = initialResidual, InputSkipGradientProductSums = inputSkipGradientMultiplyColumnSums, InputSkipGradientProduct = residualGradient, BlockInputSkipResidual = Parameters.Pointer + #L + layer * #L, Residual = residual, InputSkipGradientProductSumsValue = inputSkipGradientMultiplyColumnSums2, InitialGradientSum = initialGradient, InitialGradient = initialGradient, BlockInputSkipInitial = Parameters.Pointer + #L + layer * #L }, R, #);
PartialSums.AddTotal(Pool, WorkerPool.Tiles(R, #), 16, inputSkipGradientMultiplyColumnSums, Gradients.Pointer + #L + layer * #L);
PartialSums.AddTotal(Pool, WorkerPool.Tiles(R, #), 16, inputSkipGradientMultiplyColumnSums2, Gradients.Pointer + #L + layer * #L);
T* initialGradient = InitialGradient; // [R, 16]
T* embeddingGradient = At(#); // [R, 16]
// Embedding.Gradient, over rows of 16. Fused: Add.
// The group ends because the next operation, PositionSum, is not over rows of 16.
Pool.RunRows(new EmbeddingGradientKernel { EmbeddingGradient = embeddingGradient, ResidualGradient = nextResidualGradient, InitialGradient = initialGradient }, R, #);
EmbeddingRows.PositionAdd(Pool, R, 16, 8, embeddingGradient, Gradients.Pointer + #L);
EmbeddingRows.ScatterAdd(Pool, R, 16, tokens, 256, embeddingGradient, Gradients.Pointer + #L);
/// <summary>The gradient [R, Width] of the stream that left the embedding, collected from the layers that read it.</summary>
private T* InitialGradient => At(#);
