namespace Embeddings.Models;

/// <summary>AdamW settings of one parameter group, as declared.</summary>
/// <param name="Group">The group.</param>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay of matrices.</param>
public sealed record GroupSettings(
    ParameterGroup Group, double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay);
