namespace Embeddings;

/// <summary>
/// Which part of the loss's gradient the learned input rows receive. With L_j the loss at position j and e_i the row that enters at
/// position i ≤ j of the same sequence, the whole gradient of e_i is Σ_j ∂L_j/∂e_i. Every kind is exact: it costs further reverse walks
/// over the same forward, not an approximation.
/// </summary>
public enum TableGradient
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>∂L_i/∂e_i alone. No earlier position depends on e_i, so one more walk in which past keys and values are constants gives it.</summary>
    OwnPosition,

    /// <summary>Σ_{j &gt; i} ∂L_j/∂e_i: all but the own position.</summary>
    CrossPosition,

    /// <summary>
    /// <see cref="CrossPosition"/> of the losses of other targets: those of the pass, moved to places in other sequences by a
    /// permutation that is drawn anew in every pass. The control for the content of the cross-position gradient.
    /// </summary>
    CrossPositionPermuted,

    /// <summary>Σ_{i ≤ j ≤ i + R} ∂L_j/∂e_i for the declared <see cref="GradientRoutesAttribute.Distance"/> R, in R + 1 more walks.</summary>
    Nearby,

    /// <summary>None: the rows keep the bits they start with.</summary>
    None,
}
