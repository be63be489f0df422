using System;

namespace Embeddings;

/// <summary>
/// Declares a fixed list of words or morphemes: at each place the longest that stands there, or else the byte. Ids 0 … 255 are the bytes,
/// then the list in its order, so that V is 256 and their number.
/// </summary>
/// <param name="words">Words of at least two bytes in UTF-8, all different.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class WordListAttribute(params string[] words) : Attribute
{
    /// <summary>The list.</summary>
    public string[] Words { get; } = words;
}
