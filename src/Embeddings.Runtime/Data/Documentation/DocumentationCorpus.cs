using System.Collections.Concurrent;
using System.Text;
using System.Xml;
using Embeddings.Data.Generated;

namespace Embeddings.Data.Documentation;

/// <summary>
/// The default corpus: the English prose of the XML documentation in the SDK's own reference packs, real text that every machine with the
/// .NET SDK has. One document per documented type, one paragraph per line; a paragraph that stood before, in any file, is dropped.
/// </summary>
public static class DocumentationCorpus
{
    private const long GeneratedBytes = 4_000_000;

    /// <summary>Below this many bytes the packs carry no documentation to speak of.</summary>
    private const long FewestBytes = 500_000;

    /// <summary>The documentation of the running SDK, or the generated language, with a notice, where it carries none.</summary>
    public static Corpus LoadOrGenerate(CancellationToken cancellation = default) =>
        LoadOrGenerate(ReferencePacks.Documentation(ReferencePacks.Roots()), cancellation);

    /// <summary>The documentation in the given files, or the generated language where they hold next to none.</summary>
    internal static Corpus LoadOrGenerate(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        Corpus corpus = Load(files, cancellation);
        if (corpus.Bytes >= FewestBytes)
        {
            return corpus;
        }

        const string Notice =
            "The reference packs of this .NET SDK carry no documentation, so a generated language is used instead of the default corpus.";
        Corpus generated = new GeneratedLanguage(new GeneratedLanguageOptions { Bytes = GeneratedBytes }).CreateCorpus();
        return new Corpus(generated.Name, generated.Documents, [Notice]);
    }

    /// <summary>Reads documentation files; a file that is not well-formed is left out with a notice.</summary>
    /// <param name="files">Paths, in the order that decides which of two equal paragraphs is kept.</param>
    /// <param name="cancellation">Stops reading.</param>
    internal static Corpus Load(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var read = new List<DocumentationLine>?[files.Count];
        var notices = new ConcurrentBag<string>();
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            try
            {
                using FileStream stream = File.OpenRead(files[i]);
                read[i] = DocumentationReader.Read(stream);
            }
            catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
            {
                notices.Add($"The documentation file '{files[i]}' cannot be read and is left out.");
            }
        });

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var order = new List<string>();
        var texts = new Dictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (DocumentationLine line in read.OfType<List<DocumentationLine>>().SelectMany(lines => lines))
        {
            if (!seen.Add(line.Text))
            {
                continue;
            }

            if (!texts.TryGetValue(line.Type, out StringBuilder? text))
            {
                texts.Add(line.Type, text = new StringBuilder());
                order.Add(line.Type);
            }

            text.Append(line.Text).Append('\n');
        }

        var documents = order.Select(type => new Document(type, Encoding.UTF8.GetBytes(texts[type].ToString())));
        return new Corpus(".NET reference documentation", documents, notices.Order(StringComparer.Ordinal));
    }
}
