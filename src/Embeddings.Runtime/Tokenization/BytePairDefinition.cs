using System.Text;

namespace Embeddings.Tokenization;

/// <summary>Which pair of neighbours merges first.</summary>
internal enum MergeOrder
{
    /// <summary>The one that stands first among the merges.</summary>
    ByList,

    /// <summary>The one whose token has the lowest id, whatever its two parts; merges are all ways to cut a token into two others.</summary>
    ByTokenId,
}

/// <summary>All that makes a byte-pair tokenizer.</summary>
/// <param name="Tokens">Bytes of each id; empty for special tokens and for ids that stand for nothing.</param>
/// <param name="Merges">Pairs of ids, in order of rank.</param>
/// <param name="Order">Which pair merges first.</param>
/// <param name="WholeWordsFirst">Whether a word that is a token is that token whatever the merges say.</param>
/// <param name="Splitter">Cuts text first.</param>
/// <param name="SpecialTokens">Special tokens with their ids.</param>
internal sealed record BytePairDefinition(
    byte[][] Tokens,
    IReadOnlyList<(int Left, int Right)> Merges,
    MergeOrder Order,
    bool WholeWordsFirst,
    Splitter Splitter,
    IReadOnlyDictionary<string, int> SpecialTokens)
{
    /// <summary>Whether ids are the bytes, then one for each merge that makes new bytes, then special tokens.</summary>
    public bool IsBytesThenMerges { get; } = Order == MergeOrder.ByList && !WholeWordsFirst && HasBytesThenMerges(Tokens, Merges, SpecialTokens);

    /// <summary>A tokenizer as training gives it.</summary>
    /// <exception cref="ArgumentException">A merge uses an id that does not exist yet, or stands twice; or a special token is empty or stands twice.</exception>
    public static BytePairDefinition OfMerges(IReadOnlyList<(int Left, int Right)> merges, Splitter splitter, IReadOnlyList<string> specialTokens)
    {
        const int ByteValues = 256;
        var tokens = new List<byte[]>(ByteValues + merges.Count);
        var known = new HashSet<byte[]>(merges.Count, ByteComparer.Instance);
        for (int value = 0; value < ByteValues; value++)
        {
            tokens.Add([(byte)value]);
            known.Add(tokens[value]);
        }

        for (int i = 0; i < merges.Count; i++)
        {
            (int left, int right) = merges[i];
            if (left < 0 || right < 0 || left >= tokens.Count || right >= tokens.Count)
            {
                throw new ArgumentException($"Merge {i} ({left}, {right}) uses an id that does not exist yet.", nameof(merges));
            }

            byte[] bytes = Join(tokens[left], tokens[right]);
            if (known.Add(bytes))
            {
                tokens.Add(bytes);
            }
        }

        var special = new Dictionary<string, int>();
        foreach (string text in specialTokens)
        {
            if (text.Length == 0 || !special.TryAdd(text, tokens.Count))
            {
                throw new ArgumentException($"The special token '{text}' is empty or stands twice.", nameof(specialTokens));
            }

            tokens.Add([]);
        }

        return new BytePairDefinition([.. tokens], [.. merges], MergeOrder.ByList, WholeWordsFirst: false, splitter, special);
    }

    /// <summary>A tokenizer of ranks: any two neighbours whose bytes together are a token merge, the token of lowest id first.</summary>
    /// <exception cref="ArgumentException">Two ids have the same bytes, or a byte has none.</exception>
    public static BytePairDefinition OfRanks(byte[][] tokens, Splitter splitter, IReadOnlyDictionary<string, int> specialTokens)
    {
        var vocabulary = BytePairVocabulary.OfRanks(tokens);
        return new BytePairDefinition(tokens, vocabulary.RankMerges!, MergeOrder.ByTokenId, WholeWordsFirst: true, splitter, specialTokens);
    }

    /// <summary>The same with other special tokens.</summary>
    /// <param name="tokens">Bytes of each id.</param>
    /// <param name="specialTokens">Special tokens with their ids.</param>
    public BytePairDefinition With(byte[][] tokens, IReadOnlyDictionary<string, int> specialTokens) => Merges is RankMerges
        ? OfRanks(tokens, Splitter, specialTokens)
        : new BytePairDefinition(tokens, Merges, Order, WholeWordsFirst, Splitter, specialTokens);

    /// <summary>The tables that encoders read.</summary>
    /// <exception cref="ArgumentException">It contradicts itself; the message says how.</exception>
    public BytePairVocabulary CreateVocabulary()
    {
        if (Merges is RankMerges ranks)
        {
            return ranks.Vocabulary;
        }

        var vocabulary = BytePairVocabulary.OfMerges(Tokens, Merges.Count, WholeWordsFirst);
        Span<byte> joined = stackalloc byte[256];
        for (int i = 0; i < Merges.Count; i++)
        {
            (int left, int right) = Merges[i];
            int length = Tokens[left].Length + Tokens[right].Length;
            Span<byte> bytes = length <= joined.Length ? joined[..length] : new byte[length];
            Tokens[left].CopyTo(bytes);
            Tokens[right].CopyTo(bytes[Tokens[left].Length..]);
            int id = vocabulary.Find(bytes);
            if (id < 0)
            {
                throw new ArgumentException($"Merge {i} ({left}, {right}) makes bytes that no token has.");
            }

            if (!vocabulary.Merges.TryAdd(left, right, i, id))
            {
                throw new ArgumentException($"Merge {i} ({left}, {right}) repeats an earlier one.");
            }
        }

        return vocabulary;
    }

    private static bool HasBytesThenMerges(
        byte[][] tokens, IReadOnlyList<(int Left, int Right)> merges, IReadOnlyDictionary<string, int> specialTokens)
    {
        const int ByteValues = 256;
        int ordinary = tokens.Length - specialTokens.Count;
        if (ordinary < ByteValues || specialTokens.Values.Any(id => id < ordinary))
        {
            return false;
        }

        for (int value = 0; value < ByteValues; value++)
        {
            if (tokens[value].Length != 1 || tokens[value][0] != value)
            {
                return false;
            }
        }

        int next = ByteValues;
        foreach ((int left, int right) in merges)
        {
            if (left >= next || right >= next)
            {
                return false;
            }

            int length = tokens[left].Length + tokens[right].Length;
            bool isNext = next < ordinary && tokens[next].Length == length
                && tokens[next].AsSpan().StartsWith(tokens[left]) && tokens[next].AsSpan().EndsWith(tokens[right]);
            next += isNext ? 1 : 0;
        }

        return next == ordinary;
    }

    private static byte[] Join(byte[] left, byte[] right)
    {
        var bytes = new byte[left.Length + right.Length];
        left.CopyTo(bytes, 0);
        right.CopyTo(bytes, left.Length);
        return bytes;
    }

    /// <summary>Compares byte arrays by content.</summary>
    internal sealed class ByteComparer : IEqualityComparer<byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] bytes) => (int)(LongWordHash.Of(bytes) >> 32);
    }
}
