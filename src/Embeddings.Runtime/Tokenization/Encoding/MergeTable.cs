using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>
/// How early each pair of ids merges and to what: an open-addressed table that is never changed once filled. A pair takes eight bytes, so that
/// most of a large vocabulary's table stays in the processor's caches.
/// </summary>
internal sealed unsafe class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int None = int.MaxValue;

    /// <summary>Ids and ranks are below this.</summary>
    public const int Most = 1 << IdBits;

    private const int IdBits = 21;
    private const int RankBits = 22;
    private const int FilterShift = 2;
    private const int FilterBitsAPlace = 1 << FilterShift;

    private readonly TableMemory _memory;
    private readonly ulong* _first;
    private readonly TableMemory _filterMemory;
    private readonly ulong* _filter;
    private readonly int _mask;
    private readonly int _shift;
    private readonly int[] _ofBytes = GC.AllocateUninitializedArray<int>(1 << 16, pinned: true);
    private readonly int[] _byteOfId;
    private readonly int[]? _idOfRank;

    /// <summary>An empty table.</summary>
    /// <param name="merges">Merges there will be.</param>
    /// <param name="idOfByte">The id of each byte.</param>
    /// <param name="ranksAreIds">Whether the rank of a merge is the id that it makes; else ranks are below <paramref name="merges"/>.</param>
    /// <exception cref="ArgumentException">There are more merges than it can hold.</exception>
    public MergeTable(int merges, int[] idOfByte, bool ranksAreIds)
    {
        if (!ranksAreIds && merges >= Most)
        {
            throw new ArgumentException($"There are {merges} merges; at most {Most - 1} can be used.");
        }

        _idOfRank = ranksAreIds ? null : new int[merges];
        Array.Fill(_ofBytes, None);
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
        _memory = new TableMemory((nuint)sizeof(ulong) << bits);
        _first = (ulong*)_memory.Pointer;
        _filterMemory = new TableMemory((nuint)FilterBitsAPlace << bits >> 3);
        _filter = (ulong*)_filterMemory.Pointer;
    }

    /// <summary>One more than the largest rank.</summary>
    public int Ranks { get; private set; }

    /// <summary>Adds a merge; false where the pair has one already.</summary>
    /// <exception cref="ArgumentException">An id is too large.</exception>
    public bool TryAdd(int left, int right, int rank, int id)
    {
        if (Math.Max(Math.Max(left, right), Math.Max(rank, id)) >= Most)
        {
            throw new ArgumentException($"The merge of ids {left} and {right} to {id} has an id above {Most - 1}, the largest that can be merged.");
        }

        ulong key = KeyOf(left, right);
        ulong hash = Hash(key);
        int place = (int)(hash >> _shift);
        ulong bit = hash >> (_shift - FilterShift);
        _filter[bit >> 6] |= 1UL << (int)bit;
        for (; _first[place] != 0; place = (place + 1) & _mask)
        {
            if (_first[place] >> RankBits == key)
            {
                return false;
            }
        }

        _first[place] = key << RankBits | (uint)(rank + 1);
        if (ByteOf(left) is >= 0 and int leftByte && ByteOf(right) is >= 0 and int rightByte)
        {
            _ofBytes[leftByte << 8 | rightByte] = rank;
        }

        _idOfRank?[rank] = id;
        Ranks = Math.Max(Ranks, rank + 1);
        return true;
    }

    /// <summary>The rank of a pair; <see cref="None"/> where it does not merge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int left, int right)
    {
        ulong key = KeyOf(left, right);
        ulong hash = Hash(key);
        ulong bit = hash >> (_shift - FilterShift);
        if ((_filter[bit >> 6] >> (int)bit & 1) == 0)
        {
            return None;
        }

        int mask = _mask;
        for (int place = (int)(hash >> _shift); ; place = (place + 1) & mask)
        {
            ulong slot = _first[place];
            if (slot >> RankBits == key && slot != 0)
            {
                return (int)(slot & ((1 << RankBits) - 1)) - 1;
            }

            if (slot == 0)
            {
                return None;
            }
        }
    }

    /// <summary>The same for two bytes, which most searches are for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindBytes(byte left, byte right) => _ofBytes[left << 8 | right];

    /// <summary>The id that a merge of this rank makes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdOf(int rank) => _idOfRank is null ? rank : _idOfRank[rank];

    private static ulong KeyOf(int left, int right) => (ulong)(uint)left << IdBits | (uint)right;

    private static ulong Hash(ulong key) => (key ^ key >> 20) * 0x9E3779B97F4A7C15UL;

    private int ByteOf(int id) => id < _byteOfId.Length ? _byteOfId[id] : -1;
}
