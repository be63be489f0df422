/// <summary>The table of value rows of each layer; -1 is none.</summary>
private static ReadOnlySpan<int> ValueTables => [-1, 0];
T* attentionValueRowsMultiply = At(#); // [R, 16]
T* attentionValueWithRows = Saved(layer, #); // [R, 16]
// Attention.Norm.Mean, Attention.Norm.Scale, Attention.Norm, Attention.ValueRows.Multiply, over rows of 16. Fused: RowSum, Multiply, Subtract, Multiply, RowSum, Multiply, Add, ReciprocalSqrt, Normalize, Multiply, Gather, Multiply.
Pool.RunRows(new AttentionValueRowsKernel { Tokens = tokens, Residual = residual, AttentionValueRowsProduct = attentionValueRowsMultiply, BlockValueEmbeddingTable = ValueTable(layer), BlockValueEmbeddingScale = ValueScale(layer), AttentionNormMean = attentionNormMean, AttentionNormScale = attentionNormScale, AttentionNorm = attentionNorm, BlockAttentionNormGain = Parameters.Pointer + #L + layer * #L }, R, #);
// Attention.ValueWithRows, over rows of 16. Fused: Add.
// The group ends because the next operation, Attention (Attention.Mixed.Kernel), is not over rows of 16.
Pool.RunRows(new AttentionValueWithRowsKernel { AttentionValueWithRows = attentionValueWithRows, AttentionValue = attentionQueryKeyValue + 32, AttentionValueRowsProduct = attentionValueRowsMultiply }, R, #);
attentionQueryKeyValue, 48, attentionQueryKeyValue + 16, 48, attentionValueWithRows, 16, attentionMixed, 16, attentionMixedLogSumExp);
T* attentionValueWithRows = Saved(layer, #); // [R, 16]
T* attentionValueWithRowsGradientMultiply = At(#); // [R, 16]
T* attentionValueWithRowsGradientMultiplyColumnSums = At(#); // [R, 3]
attentionQueryKeyValue, 48, attentionQueryKeyValue + 16, 48, attentionValueWithRows, 16, attentionMixed, 16, attentionMixedLogSumExp, attentionMixedGradient, 16,
// Attention.ValueWithRows.Gradient.Multiply, the gradient of Block.ValueEmbedding.Scale, over rows of 16. Fused: Multiply, Multiply, ColumnSum.
// The group ends because the next operation, ScatterAdd, is not over rows of 16.
Pool.RunRows(new ColumnSumsKernel { Tokens = tokens, AttentionValueWithRowsGradientProduct = attentionValueWithRowsGradientMultiply, AttentionValueWithRowsGradient = attentionQueryKeyValueGradient + 32, BlockValueEmbeddingScale = ValueScale(layer), BlockValueEmbeddingTable = ValueTable(layer), AttentionValueWithRowsGradientProductSums = attentionValueWithRowsGradientMultiplyColumnSums }, R, #);
if (ValueTables[layer] >= #)
PartialSums.AddTotal(Pool, WorkerPool.Tiles(R, #), 16, attentionValueWithRowsGradientMultiplyColumnSums, Gradients.Pointer + #L + ValueTables[layer] * #L);
// Gradient of Block.ValueEmbedding.Table [256, 16]: each row to its token, in order of position
if (ValueTables[layer] >= #)
EmbeddingRows.ScatterAdd(Pool, R, 16, tokens, 256, attentionValueWithRowsGradientMultiply, Gradients.Pointer + #L + ValueTables[layer] * #L);
/// <summary>The value rows of a layer; a layer without reads those of the first table, times 0.</summary>
private T* ValueTable(int layer) => Parameters.Pointer + #L + Math.Max(ValueTables[layer], #) * #L;
/// <summary>The factor of a layer's value rows; 0 where the layer has none.</summary>
private T* ValueScale(int layer) => ValueTables[layer] < 0 ? Zero : Parameters.Pointer + #L + ValueTables[layer] * #L;
