LinearCrossEntropy.Losses(Pool, R, Width, Vocabulary, At(#), Parameters.Pointer + HeadOffset, targets, 0, Losses.Pointer);
LinearCrossEntropy.Logits(Pool, Width, Vocabulary, At(#) + row * (long)Width, Parameters.Pointer + HeadOffset, 0, logits);
LinearCrossEntropy.LossesAndGradients(Pool, R, Width, Vocabulary, headNorm, Parameters.Pointer + HeadOffset, targets, 0,
gradientScale, Losses.Pointer, headNormGradient, Gradients.Pointer + HeadOffset, LossWeights);
if (state.Step > #) // until then the input table stands in its place
if (state.Step == #)
Copy(Parameters, #L, #L, #L);
Copy(state.FirstMoment, #L, #L, #L);
Copy(state.SecondMoment, #L, #L, #L);
/// <summary>Where the head's matrix lies: in the input table for 100 steps, then in a place of its own.</summary>
private long HeadOffset => Step < 100 ? #L : #L;
