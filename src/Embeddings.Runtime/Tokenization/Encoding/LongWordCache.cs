using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Tokenization;

/// <summary>
/// Words of 16 to 64 bytes with their ids: one place for each hash, where a new word takes the place of the one that is there. Places become
/// more with the words. Bytes and ids stand one behind the other in memory that grows with them; when it is full, all are forgotten.
/// </summary>
internal sealed unsafe class LongWordCache
{
    private const int FirstBits = 12;
    private const int MostBits = 17;
    private const int GrowthBits = 2;
    private const int MostBytes = 1 << 23;
    private TableMemory _memory = new((nuint)sizeof(Entry) << FirstBits);
    private int _bits = FirstBits;
    private int _added;
    private NativeArray<byte> _words = new(1 << 12);
    private int _used;

    ~LongWordCache() => _words.Dispose();

    /// <summary>Makes more places where half as many words were added. Places that were asked for before are void then.</summary>
    public void MakeRoom()
    {
        if (_added >> (_bits - 1) == 0 || _bits >= MostBits)
        {
            return;
        }

        TableMemory old = _memory;
        var entries = new ReadOnlySpan<Entry>(old.Pointer, 1 << _bits);
        _bits = Math.Min(MostBits, _bits + GrowthBits);
        _memory = new TableMemory((nuint)sizeof(Entry) << _bits);
        foreach (ref readonly Entry entry in entries)
        {
            if (entry.Hash != 0)
            {
                *((Entry*)_memory.Pointer + (entry.Hash >> (64 - _bits))) = entry;
            }
        }

        GC.KeepAlive(old);
    }

    /// <summary>The place of a word with this hash, which is asked from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry* Place(ulong hash)
    {
        Entry* place = (Entry*)_memory.Pointer + (hash >> (64 - _bits));
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(place);
        }

        return place;
    }

    /// <summary>The ids of a word; false where they are not known.</summary>
    public bool TryFind(Entry* place, ReadOnlySpan<byte> word, ulong hash, out ReadOnlySpan<int> ids)
    {
        ids = default;
        if (place->Hash != hash || place->Length != word.Length)
        {
            return false;
        }

        byte* known = _words.Pointer + place->Offset;
        ids = new ReadOnlySpan<int>(known, place->Count);
        return new ReadOnlySpan<byte>(known + place->Count * sizeof(int), word.Length).SequenceEqual(word);
    }

    /// <summary>Keeps the ids of a word.</summary>
    public void Add(Entry* place, ReadOnlySpan<byte> word, ulong hash, ReadOnlySpan<int> ids)
    {
        int size = ids.Length * sizeof(int) + (word.Length + sizeof(int) - 1) / sizeof(int) * sizeof(int);
        if (_used + size > MostBytes)
        {
            NativeMemory.Clear(_memory.Pointer, (nuint)sizeof(Entry) << _bits);
            _used = 0;
            _added = 0;
        }

        _added++;
        _words.Reserve(_used + size);
        byte* known = _words.Pointer + _used;
        ids.CopyTo(new Span<int>(known, ids.Length));
        word.CopyTo(new Span<byte>(known + ids.Length * sizeof(int), word.Length));
        *place = new Entry { Hash = hash, Offset = _used, Length = (short)word.Length, Count = (short)ids.Length };
        _used += size;
    }

    /// <summary>A word and where its ids are, with its bytes behind them.</summary>
    public struct Entry
    {
        public ulong Hash;
        public int Offset;
        public short Length;
        public short Count;
    }
}
