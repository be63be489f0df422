namespace Embeddings.Tokenization;

/// <summary>
/// Merges a short word of a vocabulary of ranks without the table of merges, which is still being made: looks for the bytes of each pair among
/// the tokens. The ids are those that <see cref="ShortMerger"/> gives.
/// </summary>
internal static unsafe class RankMerger
{
    /// <summary>Merges a word.</summary>
    /// <param name="vocabulary">The tokens; ids are ranks.</param>
    /// <param name="word">Its bytes.</param>
    /// <param name="symbols">The ids of its bytes; receives the ids of the word.</param>
    /// <param name="count">Bytes, at most <see cref="ShortMerger.Longest"/>.</param>
    /// <returns>Ids.</returns>
    public static int Merge(BytePairVocabulary vocabulary, byte* word, int* symbols, int count)
    {
        int* ranks = stackalloc int[ShortMerger.Longest];
        int* starts = stackalloc int[ShortMerger.Longest + 1];
        for (int i = 0; i <= count; i++)
        {
            starts[i] = i;
        }

        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = Rank(i);
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

            symbols[place] = best;
            count--;
            for (int i = place + 1; i < count; i++)
            {
                symbols[i] = symbols[i + 1];
                starts[i] = starts[i + 1];
                ranks[i - 1] = ranks[i];
            }

            starts[count] = starts[count + 1];

            if (place + 1 < count)
            {
                ranks[place] = Rank(place);
            }

            if (place > 0)
            {
                ranks[place - 1] = Rank(place - 1);
            }
        }

        int Rank(int i) => vocabulary.Find(new ReadOnlySpan<byte>(word + starts[i], starts[i + 2] - starts[i])) is >= 0 and int id ? id : MergeTable.None;
    }
}
