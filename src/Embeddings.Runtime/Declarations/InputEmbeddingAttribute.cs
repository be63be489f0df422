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

    /// <summary>Hidden width of <see cref="EmbeddingKind.Recurrent"/> and <see cref="EmbeddingKind.Convolutional"/>, from 2.</summary>
    public int HiddenWidth { get; set; } = 32;

    /// <summary>
    /// First bytes of a token that <see cref="EmbeddingKind.Recurrent"/> and <see cref="EmbeddingKind.Convolutional"/> read, from 1 to 32; tokens
    /// that begin with the same so many bytes have the same row.
    /// </summary>
    public int BytesRead { get; set; } = 8;

    /// <summary>
    /// Entries of an input vocabulary of its own. The declared tokenizer, of the targets, decides the positions; the input id at each is the
    /// longest token of the input vocabulary that ends there (<c>InputAlignment</c>). 256 is bytes; more are a byte-level BPE that cuts as the
    /// declared one. 0: the inputs are of the same vocabulary as the targets.
    /// </summary>
    public int VocabularySize { get; set; }
}
