using Embeddings.Data;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>Text to train a tokenizer on, as a user names it: files and folders are read as they are needed, built-in corpora are held in memory.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Text">The text.</param>
/// <param name="Notices">What the user should know about it, a sentence each.</param>
internal sealed record NamedText(string Name, TrainingText Text, IReadOnlyList<string> Notices)
{
    /// <summary>Opens text.</summary>
    /// <param name="names">Files, folders and built-in names; none opens the default corpus.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="UserError">A path is missing, unreadable or empty.</exception>
    public static NamedText Open(string[] names, CancellationToken cancellation)
    {
        if (names.Length > 0 && names.All(Path.Exists))
        {
            return new NamedText(
                string.Join(" + ", names.Select(name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(name))))),
                TrainingText.OfFiles(names),
                []);
        }

        Corpus corpus = Corpora.Open(names, cancellation: cancellation);
        return new NamedText(corpus.Name, TrainingText.Of(corpus.Documents.Select(document => document.Bytes).ToArray()), corpus.Notices);
    }
}
