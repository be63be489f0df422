using System.Diagnostics;
using System.Globalization;
using System.Text;
using Embeddings.Data;
using Embeddings.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Embeddings.Benchmarks.Tokenization;

/// <summary>Encoding beside Microsoft.ML.Tokenizers, in turns, on one thread, with cl100k's vocabulary.</summary>
internal static class EncodingRatio
{
    private const int Rounds = 11;
    private const int PieceBytes = 20_000;

    /// <summary>Prints medians with the slowest and fastest round, and the ratio of the medians.</summary>
    /// <param name="data">Files and folders; none for the default corpus. Long documents are cut at line ends.</param>
    public static void Run(string[] data)
    {
        byte[][] documents = [.. Corpora.Open(data).Documents.SelectMany(document => Pieces(document.Bytes))];
        string[] texts = [.. documents.Select(Encoding.UTF8.GetString)];
        double megabytes = documents.Sum(document => (double)document.Length) / 1e6;
        int[] ids = new int[documents.Max(document => document.Length)];
        BytePairTokenizer ours = Cl100kVocabulary.Open();
        ours.MakeMerges();
        TiktokenTokenizer theirs = TiktokenTokenizer.CreateForEncoding("cl100k_base");
        void Ours() => Array.ForEach(documents, document => ours.Encode(document, ids));
        void Theirs() => Array.ForEach(texts, text => theirs.EncodeToIds(text));
        Ours();
        Array.ForEach(texts[..(texts.Length / 10)], text => theirs.EncodeToIds(text));
        double[] own = new double[Rounds];
        double[] other = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            own[round] = Seconds(Ours);
            other[round] = Seconds(Theirs);
        }

        Print("Embeddings", own, megabytes);
        Print("Microsoft.ML.Tokenizers", other, megabytes);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Median(other) / Median(own):F1} times as fast; of the rounds {own.Zip(other, (one, two) => two / one).Min():F1} to {own.Zip(other, (one, two) => two / one).Max():F1}"));
    }

    private static IEnumerable<byte[]> Pieces(ReadOnlyMemory<byte> document)
    {
        while (document.Length > PieceBytes && document.Span[PieceBytes..].IndexOf((byte)'\n') is >= 0 and int line)
        {
            yield return document[..(PieceBytes + line + 1)].ToArray();
            document = document[(PieceBytes + line + 1)..];
        }

        yield return document.ToArray();
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static void Print(string name, double[] seconds, double megabytes) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {megabytes / Median(seconds):F1} MB/s ({megabytes / seconds.Max():F1}-{megabytes / seconds.Min():F1}), {megabytes:F1} MB, {Rounds} rounds"));
}
