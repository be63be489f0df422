using System;

namespace Embeddings;

/// <summary>
/// Declares, for a model over bytes, a learned row of the longest token of a larger vocabulary that ends at each position, added to the
/// byte's row: more embeddings without a shorter sequence. The tokens are given to the model when it is made
/// (<c>ModelOptions.SuffixTokens</c>). The rows start at 0. Default: none.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SuffixRowsAttribute : Attribute
{
    /// <summary>Declares the table.</summary>
    /// <param name="vocabularySize">Tokens that have a row, the 256 bytes among them; from 256 to 262,144.</param>
    public SuffixRowsAttribute(int vocabularySize) => VocabularySize = vocabularySize;

    /// <summary>Tokens that have a row.</summary>
    public int VocabularySize { get; }
}
