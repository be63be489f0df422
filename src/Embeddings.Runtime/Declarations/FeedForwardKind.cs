namespace Embeddings;

/// <summary>The feed-forward sub-layer of a block.</summary>
public enum FeedForwardKind
{
    /// <summary>Down(GELU(Up(x))) with the tanh approximation of GELU (arXiv 1606.08415).</summary>
    Gelu,

    /// <summary>Down(SiLU(Gate(x)) · Up(x)) (arXiv 2002.05202).</summary>
    SwiGlu,

    /// <summary>Down(max(Up(x), 0)²) (arXiv 2109.08668).</summary>
    SquaredRelu,
}
