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

    /// <summary>Numbers r in the code of a token; for <see cref="EmbeddingKind.LowRank"/>, from 1 to C.</summary>
    public int Rank { get; set; } = 32;

    /// <summary>
    /// Entries of an input vocabulary of its own, whose ids then are the tokens of a pass, at the same positions as the targets of the
    /// declared tokenizer. 0: the inputs are of the same vocabulary as the targets.
    /// </summary>
    public int VocabularySize { get; set; }
}
