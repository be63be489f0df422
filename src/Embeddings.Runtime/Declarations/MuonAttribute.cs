using System;

namespace Embeddings;

/// <summary>
/// Declares Muon for the matrices of a group in place of AdamW (Jordan et al., 2024, kellerjordan.github.io/posts/muon): the momentum of
/// the gradient, made nearly orthogonal by Newton–Schulz iterations in the precision of the model, is the step. Vectors of the group,
/// and the table of learned positions, keep AdamW. The packed query-key-value and gate-up matrices are one matrix each.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class MuonAttribute : Attribute
{
    /// <summary>Declares Muon for the matrices of one group, or of all.</summary>
    public MuonAttribute(ParameterGroup group) => Group = group;

    /// <summary>The parameters it holds for.</summary>
    public ParameterGroup Group { get; }

    /// <summary>Peak learning rate, &gt; 0; a matrix of m outputs and n inputs moves by it times √max(1, m/n).</summary>
    public double LearningRate { get; set; } = 0.02;

    /// <summary>Decay of the momentum, in [0, 1); applied in Nesterov's form.</summary>
    public double Momentum { get; set; } = 0.95;

    /// <summary>Decoupled weight decay, ≥ 0.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Newton–Schulz iterations, from 1 to 20.</summary>
    public int Iterations { get; set; } = 5;
}
