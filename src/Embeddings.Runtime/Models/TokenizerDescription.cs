using Embeddings.Tokenization;

namespace Embeddings.Models;

/// <summary>The declared tokenizer. Two are equal when they cut and encode alike, wherever they are declared.</summary>
/// <param name="Kind">Bytes or byte-level BPE.</param>
/// <param name="VocabularySize">Entries, V.</param>
/// <param name="PreTokenization">How text is cut before merges, where <see cref="Splitter"/> does not say otherwise.</param>
public sealed record TokenizerDescription(TokenizerKind Kind, int VocabularySize, PreTokenization PreTokenization)
{
    private readonly Splitter? _splitter;

    /// <summary>Cuts text before merges: the scanner that the generator printed for the declaration, or else the runtime's.</summary>
    public Splitter Splitter
    {
        get => _splitter ?? Splitter.Of(PreTokenization);
        init => _splitter = value;
    }

    /// <summary>A hash of what the declaration says of the tokenizer; empty where the generator did not make this.</summary>
    public string Declaration { get; init; } = "";

    /// <inheritdoc/>
    public bool Equals(TokenizerDescription? other) =>
        other is not null && Kind == other.Kind && VocabularySize == other.VocabularySize && Splitter.Name == other.Splitter.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, VocabularySize, Splitter.Name);
}

/// <summary>A way to turn bytes into token ids.</summary>
public enum TokenizerKind
{
    /// <summary>Every byte is a token.</summary>
    Bytes,

    /// <summary>Byte-level byte-pair encoding.</summary>
    ByteLevelBpe,
}
