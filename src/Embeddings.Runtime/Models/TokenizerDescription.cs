using Embeddings.Tokenization;

namespace Embeddings.Models;

/// <summary>The declared tokenizer. Two are equal when they cut and encode alike, wherever they are declared.</summary>
/// <param name="Kind">Bytes, pairs or a list.</param>
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

    /// <summary>Special tokens, in order of id.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>The list of words, in order of id.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Decides which pairs are drawn.</summary>
    public int Seed { get; init; }

    /// <summary>The file; empty where there is none.</summary>
    public string Path { get; init; } = "";

    /// <summary>A hash of what the declaration says of the tokenizer; empty where the generator did not make this.</summary>
    public string Declaration { get; init; } = "";

    /// <summary>Entries but for the special tokens.</summary>
    public int OrdinarySize => VocabularySize - SpecialTokens.Count;

    /// <summary>Whether it is learned from the training text.</summary>
    public bool IsTrained => Kind is TokenizerKind.ByteLevelBpe or TokenizerKind.RandomMerges;

    /// <inheritdoc/>
    public bool Equals(TokenizerDescription? other) =>
        other is not null && Kind == other.Kind && VocabularySize == other.VocabularySize && Splitter.Name == other.Splitter.Name
        && Seed == other.Seed && Path == other.Path && SpecialTokens.SequenceEqual(other.SpecialTokens) && Words.SequenceEqual(other.Words);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, VocabularySize, Splitter.Name, Seed, Path, SpecialTokens.Count, Words.Count);
}

/// <summary>A way to turn bytes into token ids.</summary>
public enum TokenizerKind
{
    /// <summary>Every byte is a token.</summary>
    Bytes,

    /// <summary>Byte-level byte-pair encoding.</summary>
    ByteLevelBpe,

    /// <summary>As byte-pair encoding, but pairs are drawn at random.</summary>
    RandomMerges,

    /// <summary>A fixed list of words.</summary>
    WordList,

    /// <summary>Read from a file.</summary>
    File,
}
