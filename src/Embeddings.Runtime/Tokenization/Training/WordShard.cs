namespace Embeddings.Tokenization;

/// <summary>A part of the distinct words with their counts: two open-addressed tables, short words inline, long ones in an arena.</summary>
internal sealed unsafe class WordShard : IDisposable
{
    private const int FirstCapacity = 1 << 8;

    private NativeArray<Short> _short = new(FirstCapacity);
    private NativeArray<Long> _long = new(FirstCapacity);
    private NativeArray<byte> _arena = new(1 << 12);
    private long _arenaLength;

    /// <summary>Distinct words of up to 15 bytes.</summary>
    public int ShortWords { get; private set; }

    /// <summary>Distinct longer words.</summary>
    public int LongWords { get; private set; }

    /// <summary>Counts a short word.</summary>
    public void Add(WordKey key, ulong hash, long count)
    {
        long mask = _short.Capacity - 1;
        for (long i = (long)hash & mask; ; i = (i + 1) & mask)
        {
            ref Short entry = ref _short[i];
            if (entry.Key.High == key.High && entry.Key.Low == key.Low)
            {
                entry.Count += count;
                return;
            }

            if (entry.Key.High == 0)
            {
                entry = new Short { Key = key, Count = count };
                if (++ShortWords * 4L > _short.Capacity * 3)
                {
                    GrowShort();
                }

                return;
            }
        }
    }

    /// <summary>Counts a long word.</summary>
    public void Add(ReadOnlySpan<byte> word, ulong hash, long count)
    {
        long mask = _long.Capacity - 1;
        for (long i = (long)(hash >> 8) & mask; ; i = (i + 1) & mask)
        {
            ref Long entry = ref _long[i];
            if (entry.Hash == hash && entry.Length == word.Length && Bytes(entry).SequenceEqual(word))
            {
                entry.Count += count;
                return;
            }

            if (entry.Hash == 0)
            {
                _arena.Reserve(_arenaLength + word.Length);
                word.CopyTo(new Span<byte>(_arena.Pointer + _arenaLength, word.Length));
                entry = new Long { Hash = hash, Offset = _arenaLength, Length = word.Length, Count = count };
                _arenaLength += word.Length;
                if (++LongWords * 4L > _long.Capacity * 3)
                {
                    GrowLong();
                }

                return;
            }
        }
    }

    /// <summary>Visits every word.</summary>
    public void Visit(WordVisitor visit)
    {
        Span<byte> bytes = stackalloc byte[WordKey.Longest];
        for (long i = 0; i < _short.Capacity; i++)
        {
            Short entry = _short[i];
            if (entry.Key.High != 0)
            {
                entry.Key.CopyTo(bytes);
                visit(bytes[..entry.Key.Length], entry.Count);
            }
        }

        for (long i = 0; i < _long.Capacity; i++)
        {
            if (_long[i].Hash != 0)
            {
                visit(Bytes(_long[i]), _long[i].Count);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _short.Dispose();
        _long.Dispose();
        _arena.Dispose();
    }

    private ReadOnlySpan<byte> Bytes(in Long entry) => new(_arena.Pointer + entry.Offset, entry.Length);

    private void GrowShort()
    {
        NativeArray<Short> old = _short;
        _short = new NativeArray<Short>(old.Capacity * 2);
        long mask = _short.Capacity - 1;
        for (long i = 0; i < old.Capacity; i++)
        {
            if (old[i].Key.High != 0)
            {
                long place = (long)old[i].Key.Hash & mask;
                while (_short[place].Key.High != 0)
                {
                    place = (place + 1) & mask;
                }

                _short[place] = old[i];
            }
        }

        old.Dispose();
    }

    private void GrowLong()
    {
        NativeArray<Long> old = _long;
        _long = new NativeArray<Long>(old.Capacity * 2);
        long mask = _long.Capacity - 1;
        for (long i = 0; i < old.Capacity; i++)
        {
            if (old[i].Hash != 0)
            {
                long place = (long)(old[i].Hash >> 8) & mask;
                while (_long[place].Hash != 0)
                {
                    place = (place + 1) & mask;
                }

                _long[place] = old[i];
            }
        }

        old.Dispose();
    }

    private struct Short
    {
        public WordKey Key;
        public long Count;
    }

    private struct Long
    {
        public ulong Hash;
        public long Offset;
        public long Count;
        public int Length;
    }
}

/// <summary>Receives a distinct word and how often it occurs.</summary>
internal delegate void WordVisitor(ReadOnlySpan<byte> word, long count);
