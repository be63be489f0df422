namespace Embeddings.Cpu;

/// <summary>
/// Rows of a gradient grouped by the table row that receives them: segment s adds rows <c>Rows[Starts[s]] … Rows[Starts[s + 1] − 1]</c>
/// to table row <c>Keys[s]</c>. Made by a stable counting sort in the caller's working memory; valid until the next one is made.
/// </summary>
internal readonly unsafe struct SortedRows
{
    private SortedRows(int segments, int* keys, int* starts, int* rows)
    {
        Segments = segments;
        Keys = keys;
        Starts = starts;
        Rows = rows;
    }

    /// <summary>Table rows that receive anything.</summary>
    public int Segments { get; }

    /// <summary>The table row of each segment, rising.</summary>
    public int* Keys { get; }

    /// <summary>Segments + 1 offsets into <see cref="Rows"/>.</summary>
    public int* Starts { get; }

    /// <summary>Rows of the gradient, by segment, rising within one.</summary>
    public int* Rows { get; }

    /// <summary>Groups rows by their token.</summary>
    public static SortedRows ByToken(int rows, int* tokens, int vocabulary)
    {
        int* counts = Take(vocabulary, rows, out int* keys, out int* starts, out int* sorted);
        for (int row = 0; row < rows; row++)
        {
            counts[tokens[row]]++;
        }

        int segments = Place(vocabulary, counts, keys, starts);
        for (int row = 0; row < rows; row++)
        {
            sorted[counts[tokens[row]]++] = row;
        }

        return new SortedRows(segments, keys, starts, sorted);
    }

    /// <summary>Groups rows by each of the composition rows that spell their token.</summary>
    public static SortedRows BySpelling(int rows, int* tokens, SpellingPointers spelling, int tableRows)
    {
        long entries = 0;
        for (int row = 0; row < rows; row++)
        {
            entries += spelling.Starts[tokens[row] + 1] - spelling.Starts[tokens[row]];
        }

        int* counts = Take(tableRows, checked((int)entries), out int* keys, out int* starts, out int* sorted);
        for (int row = 0; row < rows; row++)
        {
            for (int entry = spelling.Starts[tokens[row]]; entry < spelling.Starts[tokens[row] + 1]; entry++)
            {
                counts[spelling.Rows[entry]]++;
            }
        }

        int segments = Place(tableRows, counts, keys, starts);
        for (int row = 0; row < rows; row++)
        {
            for (int entry = spelling.Starts[tokens[row]]; entry < spelling.Starts[tokens[row] + 1]; entry++)
            {
                sorted[counts[spelling.Rows[entry]]++] = row;
            }
        }

        return new SortedRows(segments, keys, starts, sorted);
    }

    private static int* Take(int keyCount, int entries, out int* keys, out int* starts, out int* sorted)
    {
        int most = Math.Min(keyCount, entries);
        int* counts = Scratch.Take<int>(ScratchUse.SortedTokens, (long)keyCount + 2L * most + 1 + entries);
        new Span<int>(counts, keyCount).Clear();
        keys = counts + keyCount;
        starts = keys + most;
        sorted = starts + most + 1;
        return counts;
    }

    /// <summary>Turns counts into each key's first place, and lists the keys that have any.</summary>
    private static int Place(int keyCount, int* counts, int* keys, int* starts)
    {
        int place = 0;
        int segments = 0;
        for (int key = 0; key < keyCount; key++)
        {
            int count = counts[key];
            counts[key] = place;
            if (count > 0)
            {
                keys[segments] = key;
                starts[segments++] = place;
                place += count;
            }
        }

        starts[segments] = place;
        return segments;
    }
}
