namespace Embeddings.Tokenization;

/// <summary>
/// Applies merges to one pre-token: always the pair of lowest rank, the leftmost among equals. A heap over linked symbols keeps the time
/// at n·log n, so that a megabyte of one letter is no trap.
/// </summary>
internal static class BytePairMerger
{
    /// <summary>Ids of a word.</summary>
    /// <param name="word">Bytes.</param>
    /// <param name="ranks">The id that each pair merges to; lower ids merge first.</param>
    public static int[] Merge(ReadOnlySpan<byte> word, Dictionary<(int Left, int Right), int> ranks)
    {
        int count = word.Length;
        var symbols = new int[count];
        var next = new int[count];
        var previous = new int[count];
        for (int i = 0; i < count; i++)
        {
            symbols[i] = word[i];
            next[i] = i + 1 < count ? i + 1 : -1;
            previous[i] = i - 1;
        }

        var queue = new PriorityQueue<(int Position, int Left, int Right), (int Id, int Position)>();
        for (int i = 0; i + 1 < count; i++)
        {
            Offer(i);
        }

        while (queue.TryDequeue(out (int Position, int Left, int Right) pair, out (int Id, int Position) rank))
        {
            int position = pair.Position;
            int right = symbols[position] == pair.Left ? next[position] : -1;
            if (right < 0 || symbols[right] != pair.Right)
            {
                continue;
            }

            symbols[position] = rank.Id;
            symbols[right] = -1;
            next[position] = next[right];
            if (next[position] >= 0)
            {
                previous[next[position]] = position;
                Offer(position);
            }

            if (previous[position] >= 0)
            {
                Offer(previous[position]);
            }
        }

        return [.. symbols.Where(symbol => symbol >= 0)];

        void Offer(int position)
        {
            int after = next[position];
            if (after >= 0 && ranks.TryGetValue((symbols[position], symbols[after]), out int id))
            {
                queue.Enqueue((position, symbols[position], symbols[after]), (id, position));
            }
        }
    }
}
