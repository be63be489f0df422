using System;

namespace Embeddings;

/// <summary>Declares how one optimizer step is made.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TrainingAttribute : Attribute
{
    /// <summary>Sequences in a forward and backward pass, B ≥ 1.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>Passes whose gradients are averaged into one step, ≥ 1.</summary>
    public int AccumulationSteps { get; set; } = 1;

    /// <summary>Largest global gradient norm; a larger gradient is scaled down to it. 0 switches clipping off.</summary>
    public double ClipNorm { get; set; } = 1.0;

    /// <summary>
    /// Whether the backward computes a block's activations again from the block's input, so that those of one layer need memory instead of
    /// those of all: the same bits, for nearly one forward more in a pass (arXiv 1604.06174).
    /// </summary>
    public bool Recompute { get; set; }
}
