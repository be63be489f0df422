using System;

namespace Embeddings;

/// <summary>Declares a byte-level BPE tokenizer, trained on the run's own training text (arXiv 1508.07909).</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ByteLevelBpeAttribute : Attribute
{
    /// <summary>Entries in all, V: the 256 bytes, the merges and the special tokens; from 256 to 262,144.</summary>
    public int VocabularySize { get; set; } = 1024;

    /// <summary>How text is cut before merges apply; a merge never crosses a cut.</summary>
    public PreTokenization PreTokenization { get; set; } = PreTokenization.Cl100k;

    /// <summary>
    /// A .NET regular expression that cuts text in place of <see cref="PreTokenization"/>: each match is a pre-token, and so is each stretch
    /// between matches. Empty for none.
    /// </summary>
    public string Pattern { get; set; } = "";

    /// <summary>Texts that stand for one token each where they are allowed; their ids follow all others.</summary>
    public string[] SpecialTokens { get; set; } = [];
}
