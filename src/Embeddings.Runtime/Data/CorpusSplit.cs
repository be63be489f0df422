using System.Security.Cryptography;

namespace Embeddings.Data;

/// <summary>A corpus in two parts that share no document: one to train on and one to measure on.</summary>
/// <param name="Training">Documents trained on, in the corpus's order.</param>
/// <param name="Validation">Documents held out, in the order of their hashes, so that any first part of them is a random sample.</param>
public sealed record CorpusSplit(Corpus Training, Corpus Validation)
{
    /// <summary>The share of bytes held out where nothing else is said.</summary>
    public const double DefaultShare = 0.1;

    /// <summary>
    /// Holds out whole documents: in the order of their SHA-256 until <paramref name="share"/> of the bytes is reached, passing over
    /// any that is larger than the whole share, and leaving at least one. The choice depends on nothing but the documents' bytes; equal
    /// documents go to the same side. Where no document is that small, the smallest is held out. Where there is but one, its end is.
    /// </summary>
    /// <param name="corpus">What to split.</param>
    /// <param name="share">Share of the bytes to hold out, in (0, 1).</param>
    /// <exception cref="UserError">Nothing would be left on one side.</exception>
    public static CorpusSplit Of(Corpus corpus, double share = DefaultShare)
    {
        if (share is not (> 0 and < 1))
        {
            throw new UserError($"A share of {share} cannot be held out for validation; give one between 0 and 1.");
        }

        var distinct = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (int i = 0; i < corpus.Documents.Count; i++)
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(corpus.Documents[i].Bytes.Span));
            if (!distinct.TryGetValue(hash, out List<int>? places))
            {
                distinct.Add(hash, places = []);
            }

            places.Add(i);
        }

        if (distinct.Count < 2)
        {
            return CutSingle(corpus, share);
        }

        List<int> held = HoldOut(corpus, distinct, share * corpus.Bytes);
        var isHeld = held.ToHashSet();
        return new CorpusSplit(
            new Corpus(corpus.Name, corpus.Documents.Where((_, i) => !isHeld.Contains(i)), corpus.Notices),
            new Corpus(corpus.Name, held.Select(i => corpus.Documents[i])));
    }

    private static List<int> HoldOut(Corpus corpus, SortedDictionary<string, List<int>> distinct, double target)
    {
        long Size(List<int> places) => places.Sum(place => (long)corpus.Documents[place].Bytes.Length);
        var held = new List<int>();
        double bytes = 0;
        int left = distinct.Count;
        foreach (List<int> places in distinct.Values)
        {
            long size = Size(places);
            if (size <= target && bytes < target && left > 1)
            {
                held.AddRange(places);
                bytes += size;
                left--;
            }
        }

        if (held.Count == 0)
        {
            held.AddRange(distinct.Values.MinBy(Size)!);
        }

        return held;
    }

    private static CorpusSplit CutSingle(Corpus corpus, double share)
    {
        if (corpus.Documents.Count == 0 || corpus.Documents[0].Bytes.Length < 2)
        {
            throw new UserError($"{corpus.Name} is too small to hold a part out for validation; give more data.");
        }

        Document document = corpus.Documents[0];
        int length = document.Bytes.Length;
        int cut = Math.Min(length - 1, TextCut.Before(document.Bytes.Span, Math.Max(1, (int)(length * (1 - share)))));
        string notice = $"The data is a single document, so its last {100.0 * (length - cut) / length:0.#} % of bytes are held out for validation.";
        return new CorpusSplit(
            new Corpus(corpus.Name, [document with { Bytes = document.Bytes[..cut] }], [.. corpus.Notices, notice]),
            new Corpus(corpus.Name, [document with { Bytes = document.Bytes[cut..] }]));
    }
}
