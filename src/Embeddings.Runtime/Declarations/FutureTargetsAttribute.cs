using System;

namespace Embeddings;

/// <summary>
/// Declares that training also predicts targets further ahead (arXiv 2404.19737): position t, whose target is the token at t + 1, has
/// heads for those at t + 2 … t + 1 + k of its sequence, each with a part of its own before a norm and the head's matrix. What is trained
/// is the loss plus Σ_d weight·falloff^(d − 1)·loss_d. Evaluation and sampling neither compute nor count them. Default: none.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class FutureTargetsAttribute : Attribute
{
    /// <summary>Declares the targets.</summary>
    /// <param name="count">Further targets k of a position, from 1 to T − 1 and to 16.</param>
    public FutureTargetsAttribute(int count) => Count = count;

    /// <summary>Further targets of a position.</summary>
    public int Count { get; }

    /// <summary>What each has of its own.</summary>
    public FutureHeadKind Kind { get; set; } = FutureHeadKind.Projection;

    /// <summary>Weight of the loss of the first further target, &gt; 0.</summary>
    public double Weight { get; set; } = 0.3;

    /// <summary>Factor of the weight from one further target to the next, in (0, 1].</summary>
    public double Falloff { get; set; } = 1;
}
