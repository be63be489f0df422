using System;

namespace Embeddings;

/// <summary>Declares how a token id becomes the row of width C that enters the residual stream. Default: a learned table.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class InputEmbeddingAttribute : Attribute
{
    /// <summary>Declares the kind of row.</summary>
    public InputEmbeddingAttribute(EmbeddingKind kind) => Kind = kind;

    /// <summary>The kind of row.</summary>
    public EmbeddingKind Kind { get; }

    /// <summary>
    /// Byte positions that <see cref="EmbeddingKind.Composed"/> tells apart; bytes beyond the last one share it.
    /// </summary>
    public int SpellingPositions { get; set; } = 16;
}
