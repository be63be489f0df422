protected override void ForwardBackwardUpdate(int* tokens, int* targets, T gradientScale, OptimizerState<T> state, double rateFactor)
ClearGradients(#L, #L);
ClearGradients(#L, #L);
ClearGradients(#L, #L);
ClearGradients(#L, #L);
UpdateBlock(state, rateFactor, layer);
UpdateRest(state, rateFactor);
gradientScale, Losses.Pointer, headNormGradient, Gradients.Pointer + #L, LossWeights, adds: !UpdatesInBackward);
Gradients.Pointer + #L + GradientSlot(layer) * #L, null, adds: !UpdatesInBackward);
PartialSums.Add(Pool, WorkerPool.Tiles(R, #), 16, feedForwardNormGradientMultiplyColumnSums, Gradients.Pointer + #L + GradientSlot(layer) * #L);
Gradients.Pointer + #L + GradientSlot(layer) * #L, null, adds: !UpdatesInBackward);
Gradients.Pointer + #L + GradientSlot(layer) * #L, null, adds: !UpdatesInBackward);
PartialSums.Add(Pool, WorkerPool.Tiles(R, #), 16, attentionNormGradientMultiplyColumnSums, Gradients.Pointer + #L + GradientSlot(layer) * #L);
Gradients.Pointer + #L + GradientSlot(layer) * #L, null, adds: !UpdatesInBackward);
/// <summary>AdamW over the parameters of one layer, whose gradients lie where those of the first do.</summary>
private void UpdateBlock(OptimizerState<T> state, double rateFactor, int layer)
GradientSquares += AdamW.UpdateAndSquare(Pool, #L, Parameters.Pointer + #L + layer * #L, Gradients.Pointer + #L, state.FirstMoment.Pointer + #L + layer * #L, state.SecondMoment.Pointer + #L + layer * #L,
learningRate: 0.001 * rateFactor, beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0.1, state.Step);
GradientSquares += AdamW.UpdateAndSquare(Pool, #L, Parameters.Pointer + #L + layer * #L, Gradients.Pointer + #L, state.FirstMoment.Pointer + #L + layer * #L, state.SecondMoment.Pointer + #L + layer * #L,
learningRate: 0.001 * rateFactor, beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0, state.Step);
/// <summary>AdamW over the parameters that no layer has.</summary>
private void UpdateRest(OptimizerState<T> state, double rateFactor)
GradientSquares += AdamW.UpdateAndSquare(Pool, #L, Parameters.Pointer + #L, Gradients.Pointer + #L, state.FirstMoment.Pointer + #L, state.SecondMoment.Pointer + #L,
learningRate: 0.001 * rateFactor, beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0.1, state.Step);
GradientSquares += AdamW.UpdateAndSquare(Pool, #L, Parameters.Pointer + #L, Gradients.Pointer + #L, state.FirstMoment.Pointer + #L, state.SecondMoment.Pointer + #L,
learningRate: 0.001 * rateFactor, beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0.1, state.Step);
GradientSquares += AdamW.UpdateAndSquare(Pool, #L, Parameters.Pointer + #L, Gradients.Pointer + #L, state.FirstMoment.Pointer + #L, state.SecondMoment.Pointer + #L,
learningRate: 0.001 * rateFactor, beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0.1, state.Step);
GradientSquares += AdamW.UpdateAndSquare(Pool, #L, Parameters.Pointer + #L, Gradients.Pointer + #L, state.FirstMoment.Pointer + #L, state.SecondMoment.Pointer + #L,
learningRate: 0.001 * rateFactor, beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0, state.Step);
