using System;

namespace Embeddings;

/// <summary>
/// Declares the control of byte-level BPE: merges of pairs drawn at random from the training text, as many as there would be and each making a
/// token as long as the one that BPE would make in its place.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RandomMergesAttribute : Attribute
{
    /// <summary>Entries in all, V: the 256 bytes, the merges and the special tokens; from 256 to 262,144.</summary>
    public int VocabularySize { get; set; } = 1024;

    /// <summary>How text is cut before merges apply; a merge never crosses a cut.</summary>
    public PreTokenization PreTokenization { get; set; } = PreTokenization.Cl100k;

    /// <summary>A .NET regular expression that cuts text in place of <see cref="PreTokenization"/>. Empty for none.</summary>
    public string Pattern { get; set; } = "";

    /// <summary>Decides which pairs are drawn.</summary>
    public int Seed { get; set; }

    /// <summary>Texts that stand for one token each where they are allowed; their ids follow all others.</summary>
    public string[] SpecialTokens { get; set; } = [];
}
