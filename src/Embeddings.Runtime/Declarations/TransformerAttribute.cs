using System;

namespace Embeddings;

/// <summary>
/// Declares a decoder-only transformer language model. The class it stands on must be <c>partial</c>; the generator fills it with the
/// compiled training step. Blocks are pre-norm: <c>x += Attention(Norm(x)); x += FeedForward(Norm(x))</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TransformerAttribute : Attribute
{
    /// <summary>Number of blocks, L ≥ 1.</summary>
    public int Layers { get; set; } = 4;

    /// <summary>Width of the residual stream, C; a multiple of <see cref="Heads"/>.</summary>
    public int Width { get; set; } = 128;

    /// <summary>Query heads, H; the head width is D = C / H.</summary>
    public int Heads { get; set; } = 4;

    /// <summary>Key and value heads; a divisor of <see cref="Heads"/>. 0 means as many as <see cref="Heads"/> (multi-head attention).</summary>
    public int KeyValueHeads { get; set; }

    /// <summary>Positions in a training sequence, T ≥ 1.</summary>
    public int Context { get; set; } = 128;

    /// <summary>The normalisation before each sub-layer and before the head.</summary>
    public NormKind Norm { get; set; } = NormKind.LayerNorm;

    /// <summary>How a position reaches the model.</summary>
    public PositionKind Positions { get; set; } = PositionKind.Learned;

    /// <summary>The feed-forward sub-layer.</summary>
    public FeedForwardKind FeedForward { get; set; } = FeedForwardKind.Gelu;

    /// <summary>Hidden width of the feed-forward sub-layer. 0 means 4·C, and for SwiGLU 8·C/3 rounded up to a multiple of 16.</summary>
    public int FeedForwardWidth { get; set; }

    /// <summary>
    /// Hidden width of the feed-forward sub-layer as a multiple of C, rounded up to a whole number; above 0. 0 leaves it to
    /// <see cref="FeedForwardWidth"/>.
    /// </summary>
    public double FeedForwardRatio { get; set; }

    /// <summary>Whether the linear layers of the blocks, and LayerNorm, add a bias.</summary>
    public bool Biases { get; set; } = true;

    /// <summary>Whether queries and keys pass through an RMSNorm with a learned gain per head channel before the rotation (arXiv 2302.05442).</summary>
    public bool QueryKeyNorm { get; set; }

    /// <summary>Logits become s·tanh(logits/s) for this s &gt; 0 (arXiv 2408.00118); 0 switches the cap off.</summary>
    public double LogitSoftCap { get; set; }

    /// <summary>Whether a norm without learned gain stands directly after the embedding, so that every kind of row enters with RMS 1.</summary>
    public bool EmbeddingNorm { get; set; }

    /// <summary>
    /// Whether each block reads λ·x + μ·x₀ in place of the residual stream x, where x₀ is the stream that left the embedding and λ (at
    /// first 1) and μ (at first 0) are learned numbers of the layer.
    /// </summary>
    public bool InputSkip { get; set; }

    /// <summary>Factor of what each sub-layer adds to the residual stream, &gt; 0.</summary>
    public double ResidualScale { get; set; } = 1;

    /// <summary>How the weights of blocks and untied head start.</summary>
    public InitializationScheme Initialization { get; set; } = InitializationScheme.Scaled;
}
