using System;

namespace Embeddings;

/// <summary>Tensors of a pass that a model keeps for its user, on request.</summary>
[Flags]
public enum CapturePoints
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>∂loss/∂e_i for every position, [R, C]: the gradient of the loss by the input row itself, before it is added to any table.</summary>
    EmbeddingGradient = 1,

    /// <summary>The residual stream that enters each layer, and the one that enters the head, [R, C] each. They cost no memory.</summary>
    States = 2,

    /// <summary>Logits of every position, [R, V], as the loss reads them.</summary>
    Logits = 4,
}
