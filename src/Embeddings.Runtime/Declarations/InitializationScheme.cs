namespace Embeddings;

/// <summary>
/// How the weights of the blocks and of an untied head start: normal around 0, with a deviation that follows from the matrix's inputs
/// (fan-in) and outputs (fan-out). Matrices that write to the residual stream are Attention.Output and FeedForward.Down.
/// </summary>
public enum InitializationScheme
{
    /// <summary>1/√(3·fan-in), which is GPT-2's 0.02 at its width of 768; matrices that write to the residual stream by 1/√(2L) smaller.</summary>
    Scaled,

    /// <summary>0.02 whatever the width; matrices that write to the residual stream 0.02/√(2L): GPT-2's own numbers.</summary>
    Gpt2,

    /// <summary>1/√fan-in everywhere (LeCun).</summary>
    FanIn,

    /// <summary>√(2/(fan-in + fan-out)) everywhere (Glorot and Bengio, 2010).</summary>
    Glorot,

    /// <summary>√(2/fan-in) everywhere (He et al., arXiv 1502.01852).</summary>
    He,

    /// <summary>1/√fan-in; matrices that write to the residual stream 0, so that every block starts as the identity.</summary>
    ZeroOutput,
}
