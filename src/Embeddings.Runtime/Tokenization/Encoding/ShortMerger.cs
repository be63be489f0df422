namespace Embeddings.Tokenization;

/// <summary>
/// Merges a short word: always the pair of lowest rank, the leftmost among equals. Looks at all pairs for each merge, which for so few is
/// faster than any bookkeeping.
/// </summary>
internal static unsafe class ShortMerger
{
    /// <summary>Longest word, in bytes.</summary>
    public const int Longest = 64;

    /// <summary>Merges a word.</summary>
    /// <param name="pairs">Says how early pairs merge.</param>
    /// <param name="word">Its bytes.</param>
    /// <param name="symbols">The ids of its bytes; receives the ids of the word.</param>
    /// <param name="count">Bytes, at most <see cref="Longest"/>.</param>
    /// <returns>Ids.</returns>
    public static int Merge<TRanks>(TRanks pairs, byte* word, int* symbols, int count)
        where TRanks : struct, IPairRanks
    {
        int* ranks = stackalloc int[Longest];
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = pairs.OfBytes(word + i);
        }

        while (true)
        {
            int best = MergeTable.None;
            int place = 0;
            for (int i = 0; i + 1 < count; i++)
            {
                if (ranks[i] < best)
                {
                    best = ranks[i];
                    place = i;
                }
            }

            if (best == MergeTable.None)
            {
                return count;
            }

            symbols[place] = pairs.IdOf(best);
            count--;
            for (int i = place + 1; i < count; i++)
            {
                symbols[i] = symbols[i + 1];
                ranks[i - 1] = ranks[i];
            }

            if (place + 1 < count)
            {
                ranks[place] = pairs.Of(symbols, place);
            }

            if (place > 0)
            {
                ranks[place - 1] = pairs.Of(symbols, place - 1);
            }
        }
    }
}
