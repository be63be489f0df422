using System.Runtime.InteropServices;
using System.Text;

namespace Embeddings.Tokenization;

/// <summary>
/// Learns byte-pair merges (arXiv 1508.07909): repeatedly the most frequent pair of neighbours, the smallest pair of ids among equals.
/// Pair counts are kept up to date word by word, and a heap with lazy invalidation finds the next one, so time follows the words that
/// change and memory follows distinct words.
/// </summary>
public sealed class BytePairTrainer
{
    private readonly List<int[]> _words = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long MinusCount, int Left, int Right)> _queue = new();

    private BytePairTrainer(Dictionary<string, long> words)
    {
        foreach ((string word, long count) in words.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (word.Length > 1)
            {
                _words.Add([.. Encoding.Latin1.GetBytes(word)]);
                _counts.Add(count);
            }
        }
    }

    /// <summary>Learns a tokenizer; its prefixes are the tokenizers of every smaller size.</summary>
    /// <param name="documents">Training text; merges never cross documents.</param>
    /// <param name="vocabularySize">Entries in all, 256 to 262,144.</param>
    /// <param name="pattern">How text is cut.</param>
    /// <param name="progress">Receives the share of merges learned.</param>
    /// <param name="cancellation">Stops early.</param>
    /// <exception cref="UserError">The text has too few pairs to fill the vocabulary.</exception>
    public static BytePairTokenizer Train(
        IEnumerable<ReadOnlyMemory<byte>> documents, int vocabularySize, PreTokenization pattern,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (vocabularySize is < 256 or > 262_144)
        {
            throw new UserError($"A vocabulary of {vocabularySize} cannot be learned: choose a size from 256 to 262144.");
        }

        var words = new Dictionary<string, long>();
        foreach (ReadOnlyMemory<byte> document in documents)
        {
            cancellation.ThrowIfCancellationRequested();
            PreTokenizer.Visit(document.Span, pattern, (start, length) =>
                CollectionsMarshal.GetValueRefOrAddDefault(words, Encoding.Latin1.GetString(document.Span.Slice(start, length)), out _)++);
        }

        List<(int, int)> merges = new BytePairTrainer(words).Learn(vocabularySize - 256, progress, cancellation);
        if (merges.Count < vocabularySize - 256)
        {
            throw new UserError(
                $"The text fills a vocabulary of only {256 + merges.Count} entries, not {vocabularySize}: give more text or a smaller vocabulary.");
        }

        return new BytePairTokenizer(merges, pattern);
    }

    private List<(int Left, int Right)> Learn(int count, IProgress<double>? progress, CancellationToken cancellation)
    {
        for (int word = 0; word < _words.Count; word++)
        {
            Count(word, _counts[word], null);
        }

        foreach (((int Left, int Right) pair, long pairs) in _pairs)
        {
            _queue.Enqueue(pair, (-pairs, pair.Left, pair.Right));
        }

        var merges = new List<(int Left, int Right)>(count);
        while (merges.Count < count && _queue.TryDequeue(out (int Left, int Right) pair, out var priority))
        {
            long current = _pairs.GetValueOrDefault(pair);
            if (current <= 0)
            {
                continue;
            }

            if (current != -priority.MinusCount)
            {
                _queue.Enqueue(pair, (-current, pair.Left, pair.Right));
                continue;
            }

            cancellation.ThrowIfCancellationRequested();
            Apply(pair, 256 + merges.Count);
            merges.Add(pair);
            progress?.Report((double)merges.Count / count);
        }

        return merges;
    }

    private void Apply((int Left, int Right) pair, int id)
    {
        var raised = new HashSet<(int, int)>();
        foreach (int word in _places[pair])
        {
            Count(word, -_counts[word], null);
            _words[word] = Replace(_words[word], pair, id);
            Count(word, _counts[word], raised);
        }

        _pairs.Remove(pair);
        _places.Remove(pair);
        foreach ((int Left, int Right) grown in raised)
        {
            if (grown.Left == id || grown.Right == id)
            {
                _queue.Enqueue(grown, (-_pairs[grown], grown.Left, grown.Right));
            }
        }
    }

    /// <summary>Adds a word's neighbours to the counts, or takes them away.</summary>
    private void Count(int word, long count, HashSet<(int, int)>? touched)
    {
        int[] symbols = _words[word];
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            (int, int) pair = (symbols[i], symbols[i + 1]);
            CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _) += count;
            if (count > 0)
            {
                ref HashSet<int>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
                (places ??= []).Add(word);
                touched?.Add(pair);
            }
        }
    }

    private static int[] Replace(int[] symbols, (int Left, int Right) pair, int id)
    {
        var merged = new List<int>(symbols.Length);
        for (int i = 0; i < symbols.Length; i++)
        {
            if (i + 1 < symbols.Length && symbols[i] == pair.Left && symbols[i + 1] == pair.Right)
            {
                merged.Add(id);
                i++;
            }
            else
            {
                merged.Add(symbols[i]);
            }
        }

        return [.. merged];
    }
}
