using System.Text;

namespace Embeddings.Runtime.Tests.Tokenization;

/// <summary>Byte-pair encoding as its definition says it, recounting everything at every step.</summary>
internal static class NaiveBytePair
{
    public static List<int> Encode(byte[] bytes, IReadOnlyList<(int Left, int Right)> merges)
    {
        List<int> symbols = [.. bytes.Select(value => (int)value)];
        while (true)
        {
            int best = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int rank = Index(merges, (symbols[i], symbols[i + 1]));
                if (rank >= 0 && (best < 0 || rank < best))
                {
                    best = rank;
                }
            }

            if (best < 0)
            {
                return symbols;
            }

            symbols = Merge(symbols, merges[best], 256 + best);
        }
    }

    public static List<(int, int)> Train(IEnumerable<string> texts, int most)
    {
        List<List<int>> words = [.. texts.Select(text => Encoding.UTF8.GetBytes(text).Select(value => (int)value).ToList())];
        var merges = new List<(int, int)>();
        while (merges.Count < most)
        {
            var counts = new Dictionary<(int, int), int>();
            foreach (List<int> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
                }
            }

            if (counts.Count == 0)
            {
                break;
            }

            (int, int) pair = counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).First().Key;
            words = [.. words.Select(word => Merge(word, pair, 256 + merges.Count))];
            merges.Add(pair);
        }

        return merges;
    }

    private static int Index(IReadOnlyList<(int, int)> merges, (int, int) pair)
    {
        for (int i = 0; i < merges.Count; i++)
        {
            if (merges[i] == pair)
            {
                return i;
            }
        }

        return -1;
    }

    private static List<int> Merge(List<int> symbols, (int Left, int Right) pair, int id)
    {
        var merged = new List<int>();
        for (int i = 0; i < symbols.Count; i++)
        {
            bool matches = i + 1 < symbols.Count && symbols[i] == pair.Left && symbols[i + 1] == pair.Right;
            merged.Add(matches ? id : symbols[i]);
            i += matches ? 1 : 0;
        }

        return merged;
    }
}
