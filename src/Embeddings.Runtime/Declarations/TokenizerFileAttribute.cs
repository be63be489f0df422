using System;

namespace Embeddings;

/// <summary>
/// Declares a tokenizer that is read from a file when training begins: <c>tokenizer.json</c>, <c>vocab.json</c> with <c>merges.txt</c>,
/// tiktoken's ranks, llm.c's tokenizer file, or a list of words in a file whose name ends with <c>.words</c>, a word in each line, as
/// <see cref="WordListAttribute"/> takes them.
/// </summary>
/// <param name="path">The file; a relative path is taken from the folder that the program is run in.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TokenizerFileAttribute(string path) : Attribute
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Entries in all, V, special tokens included; the file must have as many.</summary>
    public int VocabularySize { get; set; }

    /// <summary>How text is cut before merges apply; a file that says so itself must say the same.</summary>
    public PreTokenization PreTokenization { get; set; } = PreTokenization.Cl100k;

    /// <summary>A .NET regular expression that cuts text in place of <see cref="PreTokenization"/>. Empty for none.</summary>
    public string Pattern { get; set; } = "";

    /// <summary>Special tokens that the file does not list, as ranks do not; their ids follow all others.</summary>
    public string[] SpecialTokens { get; set; } = [];
}
