using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>Pairs of ids with their counts and the places of their word lists: an open-addressed index over an array.</summary>
internal unsafe struct PairTable : IDisposable
{
    private const int FirstBits = 12;
    private NativeArray<Slot> _slots;
    private NativeArray<Pair> _pairs;
    private int _shift;

    /// <summary>Pairs in the table.</summary>
    public int Count { get; private set; }

    /// <summary>An empty table.</summary>
    public static PairTable Create()
    {
        return new PairTable { _slots = new NativeArray<Slot>(1 << FirstBits), _pairs = new NativeArray<Pair>(1 << FirstBits), _shift = 64 - FirstBits };
    }

    /// <summary>Pair i; the reference holds until a pair is added.</summary>
    public readonly ref Pair this[int i] => ref _pairs[i];

    /// <summary>A pair as one number, in the order of its ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong KeyOf(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    /// <summary>A hash of a pair; its upper bits are mixed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(ulong key) => (key ^ key >> 29) * 0x9E3779B97F4A7C15UL;

    /// <summary>The index of a pair, or −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Find(ulong key)
    {
        long mask = _slots.Capacity - 1;
        ulong hash = Hash(key);
        for (long i = (long)(hash >> _shift); ; i = (i + 1) & mask)
        {
            Slot slot = _slots.Pointer[i];
            if (slot.PairPlusOne == 0 || (slot.Hash == (uint)hash && _pairs.Pointer[slot.PairPlusOne - 1].Key == key))
            {
                return slot.PairPlusOne - 1;
            }
        }
    }

    /// <summary>The index of a pair, added with a count of 0 where it was not there.</summary>
    public int FindOrAdd(ulong key)
    {
        int known = Find(key);
        if (known >= 0)
        {
            return known;
        }

        if (Count * 2L >= _slots.Capacity)
        {
            Resize(_shift - 1);
            InsertAll();
        }

        Insert(key, Count);
        _pairs.Reserve(Count + 1);
        _pairs[Count] = new Pair { Key = key };
        return Count++;
    }

    /// <summary>Forgets all pairs.</summary>
    public void Clear()
    {
        Empty();
        Count = 0;
    }

    /// <summary>Forgets all pairs but some; those stay in order, with new indices, and memory that is then not needed goes back.</summary>
    /// <param name="isKept">Which ones stay.</param>
    public void Keep(Func<Pair, bool> isKept)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (isKept(_pairs[i]))
            {
                _pairs[kept++] = _pairs[i];
            }
        }

        Count = kept;
        while (_shift < 64 - FirstBits && Count * 4L < _slots.Capacity)
        {
            Resize(_shift + 1);
        }

        _pairs.Shrink(Count);
        Empty();
        InsertAll();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _pairs.Dispose();
    }

    private readonly void Empty() => NativeMemory.Clear(_slots.Pointer, (nuint)_slots.Capacity * (nuint)sizeof(Slot));

    private void Resize(int shift)
    {
        _slots.Dispose();
        _shift = shift;
        _slots = new NativeArray<Slot>(1L << (64 - _shift));
    }

    private readonly void InsertAll()
    {
        for (int i = 0; i < Count; i++)
        {
            Insert(_pairs[i].Key, i);
        }
    }

    private readonly void Insert(ulong key, int pair)
    {
        long mask = _slots.Capacity - 1;
        ulong hash = Hash(key);
        long place = (long)(hash >> _shift);
        while (_slots[place].PairPlusOne != 0)
        {
            place = (place + 1) & mask;
        }

        _slots[place] = new Slot { Hash = (uint)hash, PairPlusOne = pair + 1 };
    }

    /// <summary>A pair by the lower half of its hash.</summary>
    private struct Slot
    {
        public uint Hash;
        public int PairPlusOne;
    }
}

/// <summary>A pair of neighbouring ids.</summary>
internal struct Pair
{
    /// <summary>Left id, then right id.</summary>
    public ulong Key;

    /// <summary>How often it occurs; an upper bound where <see cref="State"/> says so.</summary>
    public long Count;

    /// <summary>Where its word list begins.</summary>
    public long List;

    /// <summary>Bytes of its word list.</summary>
    public int ListBytes;

    /// <summary>What is known of it.</summary>
    public PairState State;
}

/// <summary>What is known of a pair.</summary>
internal enum PairState
{
    /// <summary>Its count and its list are right.</summary>
    Tracked,

    /// <summary>Its count may be too large and its list too short; the words must be read again before it is merged.</summary>
    Incomplete,

    /// <summary>It has been merged.</summary>
    Merged,
}
