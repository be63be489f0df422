namespace Embeddings;

/// <summary>How text is cut into pre-tokens before byte-pair merges apply.</summary>
public enum PreTokenization
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>GPT-2's pattern: contractions, an optional space before letters, digits or other, runs of white space.</summary>
    Gpt2,

    /// <summary>cl100k_base's pattern: as GPT-2's, with case-insensitive contractions, at most three digits, and line ends kept together.</summary>
    Cl100k,

    /// <summary>o200k_base's pattern: as cl100k's, with a cut where lower case turns to upper case.</summary>
    O200k,

    /// <summary>Maximal runs of letters; every other character by itself.</summary>
    Words,
}
