namespace Embeddings.Tokenization;

/// <summary>
/// Merges a word of any length: always the pair of lowest rank, the leftmost among equals. Symbols are a linked list and pairs wait in a
/// <see cref="RankQueue"/>; each merge takes one pair out and puts at most two in, so time is linear in the word's length (up to the
/// sorting of places within a rank, which come in order but for words of rare shape).
/// </summary>
/// <param name="table">The merges.</param>
internal sealed unsafe class LongMerger(MergeTable table)
{
    private readonly RankQueue _queue = new(table.Ranks);
    private TableMemory? _memory;
    private int _room;

    /// <summary>Merges a word.</summary>
    /// <param name="word">Its bytes.</param>
    /// <param name="ids">The ids of its bytes; receives the ids of the word.</param>
    /// <returns>Ids.</returns>
    public int Merge(ReadOnlySpan<byte> word, Span<int> ids)
    {
        if (_room < word.Length)
        {
            _room = word.Length;
            _memory = new TableMemory((nuint)word.Length * (nuint)sizeof(Symbol), isCleared: false);
        }

        _queue.Reserve(word.Length);
        var symbols = new Span<Symbol>(_memory!.Pointer, word.Length);
        for (int i = 0; i < symbols.Length; i++)
        {
            ref Symbol symbol = ref symbols[i];
            symbol.Id = ids[i];
            symbol.Next = i + 1;
            symbol.Previous = i - 1;
            symbol.Rank = MergeTable.None;
            if (i + 1 < symbols.Length)
            {
                symbol.Rank = table.FindBytes(word[i], word[i + 1]);
                if (symbol.Rank != MergeTable.None)
                {
                    _queue.Add(symbol.Rank, i);
                }
            }
        }

        while (_queue.TryTake(out int rank, out int place))
        {
            if (symbols[place].Rank == rank)
            {
                MergeAt(symbols, place);
            }
        }

        int count = 0;
        for (int i = 0; i < symbols.Length; i = symbols[i].Next)
        {
            ids[count++] = symbols[i].Id;
        }

        GC.KeepAlive(_memory);
        return count;
    }

    private void MergeAt(Span<Symbol> symbols, int place)
    {
        ref Symbol left = ref symbols[place];
        ref Symbol right = ref symbols[left.Next];
        left.Id = table.IdOf(left.Rank);
        left.Next = right.Next;
        right.Rank = MergeTable.None;
        left.Rank = MergeTable.None;
        if (left.Next < symbols.Length)
        {
            symbols[left.Next].Previous = place;
            Offer(ref left, symbols[left.Next].Id, place);
        }

        if (left.Previous >= 0)
        {
            Offer(ref symbols[left.Previous], left.Id, left.Previous);
        }
    }

    private void Offer(ref Symbol left, int right, int place)
    {
        left.Rank = table.Find(left.Id, right);
        if (left.Rank != MergeTable.None)
        {
            _queue.Add(left.Rank, place);
        }
    }

    private struct Symbol
    {
        public int Id;
        public int Next;
        public int Previous;

        /// <summary>Rank of the pair that this symbol and the next are.</summary>
        public int Rank;
    }
}
