using System.Text;
using Embeddings.Data;

namespace Embeddings.Runtime.Tests.Training;

/// <summary>Small texts to train on.</summary>
internal static class SmallCorpus
{
    /// <summary>Documents of some 10 to 60 bytes, all different.</summary>
    public static Corpus Of(int documents, string word = "token") => new(
        "small corpus",
        Enumerable.Range(0, documents).Select(i => Document(
            $"document {i}", string.Join(' ', Enumerable.Repeat($"the {word} number {i}", 1 + i % 3)) + "\n")));

    public static CorpusSplit Split(int training = 12, int validation = 3, string word = "token") =>
        new(Of(training, word), Of(validation, "held-out"));

    public static Document Document(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));

    public static string Text(this Corpus corpus) => string.Concat(corpus.Documents.Select(document => Encoding.UTF8.GetString(document.Bytes.Span)));
}
