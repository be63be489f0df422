/// <summary>AdamW, once over each stretch of the arenas that shares settings, and Muon for each matrix of the groups that declare it.</summary>
// Embedding.Positions, a table of rows, keeps AdamW
// Block.Attention.QueryKeyValue.Weight [48, 16]
Muon.Update(Pool, 48, 16, Parameters.Pointer + #L + layer * #L, Gradients.Pointer + #L + layer * #L, state.FirstMoment.Pointer + #L + layer * #L,
learningRate: 0.02 * rateFactor, momentum: 0.95, weightDecay: 0, iterations: 5, gradientFactor);
// Block.Attention.Output.Weight [16, 16]
Muon.Update(Pool, 16, 16, Parameters.Pointer + #L + layer * #L, Gradients.Pointer + #L + layer * #L, state.FirstMoment.Pointer + #L + layer * #L,
learningRate: 0.02 * rateFactor, momentum: 0.95, weightDecay: 0, iterations: 5, gradientFactor);
// Block.FeedForward.Up.Weight [64, 16]
Muon.Update(Pool, 64, 16, Parameters.Pointer + #L + layer * #L, Gradients.Pointer + #L + layer * #L, state.FirstMoment.Pointer + #L + layer * #L,
learningRate: 0.02 * rateFactor, momentum: 0.95, weightDecay: 0, iterations: 5, gradientFactor);
// Block.FeedForward.Down.Weight [16, 64]
Muon.Update(Pool, 16, 64, Parameters.Pointer + #L + layer * #L, Gradients.Pointer + #L + layer * #L, state.FirstMoment.Pointer + #L + layer * #L,
learningRate: 0.02 * rateFactor, momentum: 0.95, weightDecay: 0, iterations: 5, gradientFactor);
