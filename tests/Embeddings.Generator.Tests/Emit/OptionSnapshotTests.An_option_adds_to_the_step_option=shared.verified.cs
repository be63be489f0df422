T* attentionQueryKeyValue = Saved(layer, #); // [R, 32]
// Attention.QueryKeyValue [R, 32] = Attention.Norm · Block.Attention.QueryKeyValue.Weightᵀ
MatMul.Run(Pool, R, 32, 16, MatrixView<T>.Rows(attentionNorm, #), MatrixView<T>.Transposed(Parameters.Pointer + #L + layer * #L, #), attentionQueryKeyValue, 32, accumulate: false);
CausalAttention.Forward(Pool, Batch, Context, 2, 1, 8, 0.35355339059327373,
attentionQueryKeyValue, 32, attentionQueryKeyValue + 16, 32, attentionQueryKeyValue + 24, 32, attentionMixed, 16, attentionMixedLogSumExp);
T* attentionQueryKeyValue = Saved(layer, #); // [R, 32]
T* attentionQueryKeyValueGradient = At(#); // [R, 32]
CausalAttention.Backward(Pool, Batch, Context, 2, 1, 8, 0.35355339059327373,
attentionQueryKeyValue, 32, attentionQueryKeyValue + 16, 32, attentionQueryKeyValue + 24, 32, attentionMixed, 16, attentionMixedLogSumExp, attentionMixedGradient, 16,
attentionQueryKeyValueGradient, 32, attentionQueryKeyValueGradient + 16, 32, attentionQueryKeyValueGradient + 24, #);
MatMul.Run(Pool, R, 16, 32, MatrixView<T>.Rows(attentionQueryKeyValueGradient, #), MatrixView<T>.Rows(Parameters.Pointer + #L + layer * #L, #), attentionNormGradient, 16, accumulate: false);
// Gradient of Block.Attention.QueryKeyValue.Weight [32, 16] += Attention.QueryKeyValue.Gradientᵀ · Attention.Norm.Again
MatMul.WeightGradient(Pool, R, 32, 16, MatrixView<T>.Rows(attentionQueryKeyValueGradient, #), MatrixView<T>.Rows(attentionNormAgain, #),
