if (layer < Layers - #)
ForwardBlock(tokens, layer, again: true);
private void ForwardBlock(int* tokens, int layer, bool again = false)
T* attentionNormMean = Saved(#); // [R, 1]
T* attentionNormScale = Saved(#); // [R, 1]
T* attentionQueryKeyValue = Saved(#); // [R, 48]
T* attentionMixed = Saved(#); // [R, 16]
T* attentionMixedLogSumExp = Saved(#); // [R, 2]
T* attentionResidual = Saved(#); // [R, 16]
T* feedForwardNormMean = Saved(#); // [R, 1]
T* feedForwardNormScale = Saved(#); // [R, 1]
T* feedForwardUp = Saved(#); // [R, 64]
if (again) // what is left stands in memory since the forward
return;
T* feedForwardUp = Saved(#); // [R, 64]
T* attentionResidual = Saved(#); // [R, 16]
T* feedForwardNormMean = Saved(#); // [R, 1]
T* feedForwardNormScale = Saved(#); // [R, 1]
T* attentionMixed = Saved(#); // [R, 16]
T* attentionQueryKeyValue = Saved(#); // [R, 48]
T* attentionMixedLogSumExp = Saved(#); // [R, 2]
T* attentionNormMean = Saved(#); // [R, 1]
T* attentionNormScale = Saved(#); // [R, 1]
/// <summary>What the layer at work keeps for its backward.</summary>
private T* Saved(long perToken) => At(# + perToken);
