using Embeddings.Data.Documentation;
using Embeddings.Data.Generated;

namespace Embeddings.Data;

/// <summary>Opens the corpus that a user names with <c>--data</c>, or the default one.</summary>
public static class Corpora
{
    /// <summary>Name of the prose of the SDK's reference documentation, the default.</summary>
    public const string DocumentationName = "documentation";

    /// <summary>Name of the generated language.</summary>
    public const string GeneratedName = "generated";

    /// <summary>
    /// Opens data. Text files are one document each; folders are read recursively, files and folders whose name begins with a dot left
    /// out; each line of a <c>.jsonl</c> file and each row of a <c>.parquet</c> file is a document. A name that is no file or folder may be
    /// that of a built-in corpus.
    /// </summary>
    /// <param name="names">Files, folders and built-in names; none opens the default corpus.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>All documents, in the order named; within a folder in ordinal order of paths.</returns>
    /// <exception cref="UserError">A path is missing, unreadable, empty, or has no text field.</exception>
    public static Corpus Open(IReadOnlyList<string> names, CorpusOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new CorpusOptions();
        if (names.Count == 0)
        {
            return DocumentationCorpus.LoadOrGenerate(cancellation);
        }

        var parts = names.Select(name => OpenOne(name, options, cancellation)).ToList();
        var corpus = parts.Count == 1
            ? parts[0]
            : new Corpus(
                string.Join(" + ", parts.Select(part => part.Name)),
                parts.SelectMany(part => part.Documents),
                parts.SelectMany(part => part.Notices));
        return corpus.Documents.Count > 0
            ? corpus
            : throw new UserError($"The data '{string.Join("', '", names)}' is empty; give files that hold text.");
    }

    private static Corpus OpenOne(string name, CorpusOptions options, CancellationToken cancellation)
    {
        if (!File.Exists(name) && !Directory.Exists(name))
        {
            switch (name)
            {
                case DocumentationName:
                    return DocumentationCorpus.LoadOrGenerate(cancellation);
                case GeneratedName:
                    return new GeneratedLanguage(new GeneratedLanguageOptions { Seed = options.Seed }).CreateCorpus();
            }
        }

        return DataFiles.Load(name, options, cancellation);
    }
}
