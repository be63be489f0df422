namespace Embeddings.Tokenization;

/// <summary>
/// Merges a word of any length: always the pair of lowest rank, the leftmost among equals. Symbols are a linked list and pairs wait in a
/// <see cref="RankQueue"/>; each merge takes one pair out and puts at most two in, so time is linear in the word's length (up to the
/// sorting of places within a rank, which come in order but for words of rare shape).
/// </summary>
/// <param name="table">The merges.</param>
internal sealed class LongMerger(MergeTable table)
{
    private readonly RankQueue _queue = new(table.Ranks);
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _ranks = [];
    private int[] _ids = [];

    /// <summary>Merges in place.</summary>
    /// <param name="symbols">Ids of the word's bytes; receives the ids of the word.</param>
    /// <returns>Ids.</returns>
    public int Merge(Span<int> symbols)
    {
        Reserve(symbols.Length);
        int[] next = _next;
        int[] previous = _previous;
        int[] ranks = _ranks;
        for (int i = 0; i < symbols.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }

        ranks[symbols.Length - 1] = MergeTable.None;
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            Offer(symbols, i, i + 1);
        }

        while (_queue.TryTake(out int rank, out int place))
        {
            if (ranks[place] != rank)
            {
                continue;
            }

            int right = next[place];
            symbols[place] = _ids[place];
            symbols[right] = -1;
            ranks[right] = MergeTable.None;
            int after = next[right];
            next[place] = after;
            if (after < symbols.Length)
            {
                previous[after] = place;
                Offer(symbols, place, after);
            }
            else
            {
                ranks[place] = MergeTable.None;
            }

            if (previous[place] >= 0)
            {
                Offer(symbols, previous[place], place);
            }
        }

        int count = 0;
        for (int i = 0; i < symbols.Length; i = next[i])
        {
            symbols[count++] = symbols[i];
        }

        return count;
    }

    private void Offer(Span<int> symbols, int left, int right)
    {
        int rank = table.Find(symbols[left], symbols[right], out _ids[left]);
        _ranks[left] = rank;
        if (rank != MergeTable.None)
        {
            _queue.Add(rank, left);
        }
    }

    private void Reserve(int count)
    {
        _queue.Reserve(count);
        if (_next.Length < count)
        {
            _next = new int[count];
            _previous = new int[count];
            _ranks = new int[count];
            _ids = new int[count];
        }
    }
}
