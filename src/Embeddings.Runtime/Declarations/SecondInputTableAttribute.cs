using System;

namespace Embeddings;

/// <summary>
/// Declares a second input table, of a vocabulary of its own: each position adds the row of the longest token of that vocabulary which
/// ends there (<c>InputAlignment</c>), so that two tokenizers' rows are summed. Rows start at 0. Default: none.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SecondInputTableAttribute : Attribute
{
    /// <summary>Declares the table.</summary>
    /// <param name="vocabularySize">Entries of the second vocabulary, from 256 (the bytes) to 262,144.</param>
    public SecondInputTableAttribute(int vocabularySize) => VocabularySize = vocabularySize;

    /// <summary>Entries of the second vocabulary.</summary>
    public int VocabularySize { get; }
}
