namespace Embeddings.Models;

/// <summary>The declared tokenizer.</summary>
/// <param name="Kind">Bytes or byte-level BPE.</param>
/// <param name="VocabularySize">Entries, V.</param>
/// <param name="PreTokenization">How text is cut before merges.</param>
public sealed record TokenizerDescription(TokenizerKind Kind, int VocabularySize, PreTokenization PreTokenization);

/// <summary>A way to turn bytes into token ids.</summary>
public enum TokenizerKind
{
    /// <summary>Every byte is a token.</summary>
    Bytes,

    /// <summary>Byte-level byte-pair encoding.</summary>
    ByteLevelBpe,
}
