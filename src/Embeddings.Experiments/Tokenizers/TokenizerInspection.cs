using Embeddings.Data;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>What a tokenizer does to a text, and what the text does for its rows.</summary>
internal sealed record TokenizerInspection
{
    /// <summary>Entries seen less often than this count as rare: their rows learn little.</summary>
    public const int RareOccurrences = 100;

    /// <summary>Entries, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Hash of all that decides how bytes are encoded.</summary>
    public required string Identity { get; init; }

    /// <summary>Name of the text.</summary>
    public required string Corpus { get; init; }

    /// <summary>Its bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Tokens it becomes, N.</summary>
    public required long Tokens { get; init; }

    /// <summary>Mean length of a token in the text.</summary>
    public required double BytesPerToken { get; init; }

    /// <summary>Share of the entries that occur in the text.</summary>
    public required double Coverage { get; init; }

    /// <summary>Entries that never occur.</summary>
    public required int UnseenRows { get; init; }

    /// <summary>Entries that occur less than <see cref="RareOccurrences"/> times, unseen ones included.</summary>
    public required int RareRows { get; init; }

    /// <summary>N·H(p): what the text costs in bits if every token is drawn by its frequency alone.</summary>
    public required double UnigramBits { get; init; }

    /// <summary>The same per byte of the text.</summary>
    public required double UnigramBitsPerByte { get; init; }

    /// <summary>The entries of most bytes, longest first.</summary>
    public required IReadOnlyList<TokenFacts> Longest { get; init; }

    /// <summary>Encodes a text, every document by itself, and counts.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="longest">How many of the longest entries to list.</param>
    /// <param name="progress">Receives the share done.</param>
    /// <param name="cancellation">Stops between documents.</param>
    public static TokenizerInspection Of(
        Tokenizer tokenizer, Corpus corpus, int longest, Action<double> progress, CancellationToken cancellation)
    {
        var counts = new long[tokenizer.VocabularySize];
        long bytes = 0;
        var ids = new List<int>();
        foreach (Document document in corpus.Documents)
        {
            cancellation.ThrowIfCancellationRequested();
            ids.Clear();
            tokenizer.Encode(document.Bytes.Span, ids);
            foreach (int id in ids)
            {
                counts[id]++;
            }

            progress((double)(bytes += document.Bytes.Length) / corpus.Bytes);
        }

        long tokens = counts.Sum();
        double bits = counts.Where(count => count > 0).Sum(count => -count * Math.Log2((double)count / tokens));
        int unseen = counts.Count(count => count == 0);
        return new TokenizerInspection
        {
            VocabularySize = tokenizer.VocabularySize,
            Identity = tokenizer.Identity,
            Corpus = corpus.Name,
            Bytes = bytes,
            Tokens = tokens,
            BytesPerToken = (double)bytes / tokens,
            Coverage = 1 - (double)unseen / counts.Length,
            UnseenRows = unseen,
            RareRows = counts.Count(count => count < RareOccurrences),
            UnigramBits = bits,
            UnigramBitsPerByte = bits / bytes,
            Longest =
            [
                .. Enumerable.Range(0, counts.Length)
                    .OrderByDescending(id => tokenizer.Tokens[id].Length).ThenBy(id => id).Take(longest)
                    .Select(id => new TokenFacts(id, TokenText.Of(tokenizer.Tokens[id]), tokenizer.Tokens[id].Length, counts[id])),
            ],
        };
    }
}

/// <summary>An entry of a vocabulary.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its bytes as <see cref="TokenText"/> writes them.</param>
/// <param name="Bytes">How many they are.</param>
/// <param name="Count">How often it occurs in a text.</param>
internal sealed record TokenFacts(int Id, string Text, int Bytes, long Count);
