namespace Embeddings;

/// <summary>What an input row is made of. Every kind starts with rows of the same root mean square.</summary>
public enum EmbeddingKind
{
    /// <summary>A learned row per token.</summary>
    Table,

    /// <summary>A random row per token, never trained.</summary>
    FrozenRandom,

    /// <summary>Sum of one learned vector per byte of the token, over √(number of bytes): blind to the order of the bytes.</summary>
    ByteSum,

    /// <summary>Sum of one learned vector per (byte, position in the token), over √(number of bytes): shared by all tokens, aware of order.</summary>
    Composed,

    /// <summary><see cref="Composed"/> with the spellings permuted among tokens of equal length: the control for spelling itself.</summary>
    ComposedPermuted,

    /// <summary>The binary code of the id, never trained: column c is ± by bit c mod b of the id, with b bits for the largest id.</summary>
    FrozenBinary,

    /// <summary>A learned code of r numbers per token, times a learned matrix [C, r] that all tokens share.</summary>
    LowRank,

    /// <summary>A learned row per token plus a <see cref="Composed"/> one.</summary>
    TableAndComposed,

    /// <summary>
    /// A gated recurrent unit (arXiv 1406.1078) read over the token's bytes; its last state, normalised, times a matrix [C, hidden width].
    /// </summary>
    Recurrent,

    /// <summary>
    /// A convolution of width 3 over the token's bytes, each with its neighbours or the token's ends, through tanh; the sum over the places,
    /// normalised, times a matrix [C, hidden width].
    /// </summary>
    Convolutional,
}
