using System;

namespace Embeddings;

/// <summary>
/// Declares AdamW with decoupled weight decay (arXiv 1711.05101). Without a group it holds for all parameters; with one, it overrides
/// what it says again for that group. Weight decay applies to parameters of two or more dimensions.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class AdamWAttribute : Attribute
{
    /// <summary>Declares the optimizer of all parameters.</summary>
    public AdamWAttribute() => Group = ParameterGroup.All;

    /// <summary>Declares the optimizer of one group.</summary>
    public AdamWAttribute(ParameterGroup group) => Group = group;

    /// <summary>The parameters it holds for.</summary>
    public ParameterGroup Group { get; }

    /// <summary>Peak learning rate, &gt; 0.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>Decay of the first moment, in [0, 1).</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of the second moment, in [0, 1).</summary>
    public double Beta2 { get; set; } = 0.95;

    /// <summary>Added to the root of the second moment, &gt; 0.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>Decoupled weight decay, ≥ 0.</summary>
    public double WeightDecay { get; set; } = 0.1;

    /// <summary>Steps over which the rate of the group rises from 0, beside the schedule of the run; 0 is none.</summary>
    public int WarmupSteps { get; set; }

    /// <summary>What <see cref="LearningRate"/> is multiplied by.</summary>
    public RateRule RateRule { get; set; } = RateRule.AsDeclared;
}
