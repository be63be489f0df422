namespace Embeddings;

/// <summary>How a token's position reaches the model.</summary>
public enum PositionKind
{
    /// <summary>A learned row per position is added to the embedding.</summary>
    Learned,

    /// <summary>Queries and keys are rotated by their position, halves paired, base 10,000 (arXiv 2104.09864).</summary>
    Rotary,

    /// <summary>Only the causal mask tells positions apart.</summary>
    None,

    /// <summary>The score of head h falls by 2^(−8(h + 1)/H) for each position of distance (ALiBi, arXiv 2108.12409).</summary>
    Alibi,
}
