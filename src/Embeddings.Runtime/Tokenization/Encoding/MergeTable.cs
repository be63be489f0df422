using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>What each pair of ids merges to and how early: an open-addressed table that is never changed once filled.</summary>
internal sealed unsafe class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int None = int.MaxValue;

    private readonly TableMemory _memory;
    private readonly Slot* _first;
    private readonly int _mask;
    private readonly int _shift;
    private readonly ByteMerge[] _ofBytes = GC.AllocateUninitializedArray<ByteMerge>(1 << 16, pinned: true);
    private readonly int[] _byteOfId;

    /// <summary>An empty table.</summary>
    /// <param name="merges">Merges there will be.</param>
    /// <param name="idOfByte">The id of each byte.</param>
    public MergeTable(int merges, int[] idOfByte)
    {
        Array.Fill(_ofBytes, new ByteMerge { Rank = None, Id = -1 });
        _byteOfId = new int[idOfByte.Max() + 1];
        Array.Fill(_byteOfId, -1);
        for (int value = 0; value < idOfByte.Length; value++)
        {
            _byteOfId[idOfByte[value]] = value;
        }

        // Two thirds full at most.
        int bits = Math.Max(8, 64 - BitOperations.LeadingZeroCount((ulong)merges * 3 / 2));
        _shift = 64 - bits;
        _mask = (1 << bits) - 1;
        _memory = new TableMemory((nuint)sizeof(Slot) << bits);
        _first = (Slot*)_memory.Pointer;
    }

    /// <summary>One more than the largest rank.</summary>
    public int Ranks { get; private set; }

    /// <summary>Adds a merge; false where the pair has one already.</summary>
    public bool TryAdd(int left, int right, int rank, int id)
    {
        ulong key = PairTable.KeyOf(left, right) + 1;
        int place = (int)(PairTable.Hash(key) >> _shift);
        for (; _first[place].KeyPlusOne != 0; place = (place + 1) & _mask)
        {
            if (_first[place].KeyPlusOne == key)
            {
                return false;
            }
        }

        _first[place] = new Slot { KeyPlusOne = key, Rank = rank, Id = id };
        if (ByteOf(left) is >= 0 and int leftByte && ByteOf(right) is >= 0 and int rightByte)
        {
            _ofBytes[leftByte << 8 | rightByte] = new ByteMerge { Rank = rank, Id = id };
        }

        Ranks = Math.Max(Ranks, rank + 1);
        return true;
    }

    /// <summary>The rank of a pair and its id; <see cref="None"/> where it does not merge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int left, int right, out int id)
    {
        ulong key = PairTable.KeyOf(left, right) + 1;
        int mask = _mask;
        for (int place = (int)(PairTable.Hash(key) >> _shift); ; place = (place + 1) & mask)
        {
            Slot* slot = _first + place;
            if (slot->KeyPlusOne == key)
            {
                id = slot->Id;
                return slot->Rank;
            }

            if (slot->KeyPlusOne == 0)
            {
                id = -1;
                return None;
            }
        }
    }

    /// <summary>The same for two bytes, which most searches are for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindBytes(byte left, byte right, out int id)
    {
        ByteMerge merge = _ofBytes[left << 8 | right];
        id = merge.Id;
        return merge.Rank;
    }

    private int ByteOf(int id) => id < _byteOfId.Length ? _byteOfId[id] : -1;

    private struct ByteMerge
    {
        public int Rank;
        public int Id;
    }

    private struct Slot
    {
        public ulong KeyPlusOne;
        public int Rank;
        public int Id;
    }
}
