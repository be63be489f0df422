namespace Embeddings.Runtime.Tests.Tokenization;

/// <summary>Byte-pair encoding as its definition says it, recounting everything at every step.</summary>
internal static class NaiveBytePair
{
    /// <summary>Merges a word: always the pair that stands first among the merges, the leftmost among equals.</summary>
    /// <param name="word">Bytes, which are the ids 0 … 255.</param>
    /// <param name="merges">Merges in order.</param>
    public static List<int> Encode(ReadOnlySpan<byte> word, IReadOnlyList<(int Left, int Right)> merges)
    {
        IReadOnlyList<int> results = Results(merges);
        var symbols = new List<int>();
        foreach (byte value in word)
        {
            symbols.Add(value);
        }

        while (true)
        {
            int best = int.MaxValue;
            int place = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int rank = Index(merges, (symbols[i], symbols[i + 1]));
                if (rank >= 0 && rank < best)
                {
                    best = rank;
                    place = i;
                }
            }

            if (place < 0)
            {
                return symbols;
            }

            symbols[place] = results[best];
            symbols.RemoveAt(place + 1);
        }
    }

    /// <summary>
    /// Learns merges: the most frequent pair; among equals the one whose ids come first, bytes in the order of GPT-2's letters. A merge whose
    /// bytes are there already makes the id that is there. A pair is merged once.
    /// </summary>
    /// <param name="words">Words, with repetitions.</param>
    /// <param name="vocabularySize">Ids to stop at.</param>
    public static List<(int Left, int Right)> Train(IEnumerable<byte[]> words, int vocabularySize)
    {
        List<List<int>> texts = [.. words.Select(word => word.Select(value => (int)value).ToList())];
        var merges = new List<(int Left, int Right)>();
        while (Results(merges).Append(255).Max() + 1 < vocabularySize)
        {
            var counts = new Dictionary<(int, int), int>();
            foreach (List<int> word in texts)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
                }
            }

            foreach ((int, int) merge in merges)
            {
                counts.Remove(merge);
            }

            if (counts.Count == 0)
            {
                break;
            }

            (int Left, int Right) pair = counts
                .OrderByDescending(entry => entry.Value)
                .ThenBy(entry => (Order(entry.Key.Item1), Order(entry.Key.Item2)))
                .First().Key;
            merges.Add(pair);
            int id = Results(merges)[^1];
            texts = [.. texts.Select(word => Merge(word, pair, id))];
        }

        return merges;
    }

    /// <summary>The id that each merge makes.</summary>
    public static List<int> Results(IReadOnlyList<(int Left, int Right)> merges)
    {
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        var results = new List<int>();
        foreach ((int left, int right) in merges)
        {
            byte[] bytes = [.. tokens[left], .. tokens[right]];
            int known = tokens.FindIndex(token => token.AsSpan().SequenceEqual(bytes));
            results.Add(known >= 0 ? known : tokens.Count);
            if (known < 0)
            {
                tokens.Add(bytes);
            }
        }

        return results;
    }

    private static int Order(int id) => id switch
    {
        > 255 => id,
        (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE) => id - 256,
        _ => id - 0,
    };

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
