using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Tokenization;

/// <summary>
/// Words of up to 15 bytes with their ids: sets of two entries, 64 bytes each. A new word takes the first place of its set and moves the one
/// there to the second; the one that was there goes to another set of its own where that has room, and comes back when it is met again. So
/// frequent words stay, and few are lost before all places are taken. It begins small, because clearing the pages of a large one costs as much as a short text, and
/// grows to a given size.
/// </summary>
internal sealed unsafe class WordCache
{
    /// <summary>Most ids that an entry holds itself.</summary>
    public const int Inline = 3;

    private const int Ways = 2;
    private const int FirstBits = 13;
    private const int GrowthBits = 2;
    private readonly int _mostBits;
    private TableMemory _memory;
    private Entry* _first;
    private int _bits;
    private int _added;

    /// <summary>An empty cache.</summary>
    /// <param name="mostSetBits">Most sets, as a power of two.</param>
    public WordCache(int mostSetBits)
    {
        _mostBits = mostSetBits;
        _bits = Math.Min(FirstBits, mostSetBits);
        _memory = new TableMemory(Bytes);
        _first = (Entry*)_memory.Pointer;
    }

    private nuint Bytes => (nuint)(sizeof(Entry) * Ways) << _bits;

    /// <summary>Grows where it is half full. Sets that were asked for before are void then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MakeRoom()
    {
        if (_added >> _bits != 0 && _bits < _mostBits)
        {
            Grow();
        }
    }

    /// <summary>The set that a word belongs to, which is asked from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry* Set(WordKey key)
    {
        Entry* set = Place(key);
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(set);
        }

        return set;
    }

    /// <summary>The only entry of a set that a word can be in. Chosen without a branch, which would be guessed wrong often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Entry* Find(Entry* set, WordKey key) => set + (set->Is(key) ? 0 : 1);

    /// <summary>Brings a word back that had to leave its set; null where it is not known.</summary>
    public Entry* BringBack(Entry* set, WordKey key)
    {
        Entry* found = Find(OtherPlace(key), key);
        if (!found->Is(key))
        {
            return null;
        }

        Entry entry = *found;
        *found = default;
        Insert(set, entry);
        return set;
    }

    /// <summary>Makes an entry for a word that is not known.</summary>
    public Entry* Add(Entry* set, WordKey key)
    {
        _added++;
        Insert(set, new Entry { Key = key });
        return set;
    }

    /// <summary>Forgets all words.</summary>
    public void Clear()
    {
        NativeMemory.Clear(_first, Bytes);
        _added = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry* Place(WordKey key) => _first + (key.Hash >> (64 - _bits)) * Ways;

    private Entry* OtherPlace(WordKey key) => _first + (key.Hash << _bits >> (64 - _bits)) * Ways;

    private void Insert(Entry* set, in Entry entry)
    {
        if (set[0].Count > 0)
        {
            if (set[1].Count > 0)
            {
                MoveOut(set);
            }

            set[1] = set[0];
        }

        *set = entry;
    }

    /// <summary>Moves the second word of a set to the other set that it may be in, if there is room.</summary>
    private void MoveOut(Entry* set)
    {
        Entry* other = Place(set[1].Key);
        other = other == set ? OtherPlace(set[1].Key) : other;
        if (other[0].Count == 0)
        {
            other[0] = set[1];
        }
        else if (other[1].Count == 0)
        {
            other[1] = set[1];
        }
    }

    private void Grow()
    {
        TableMemory old = _memory;
        var entries = new ReadOnlySpan<Entry>(_first, Ways << _bits);
        _bits = Math.Min(_mostBits, _bits + GrowthBits);
        _memory = new TableMemory(Bytes);
        _first = (Entry*)_memory.Pointer;

        // From the last to the first, so that of each old set the first entry comes last and is the first again.
        for (int i = entries.Length - 1; i >= 0; i--)
        {
            if (entries[i].Count > 0)
            {
                Insert(Place(entries[i].Key), entries[i]);
            }
        }

        GC.KeepAlive(old);
    }

    /// <summary>A word and its ids.</summary>
    public struct Entry
    {
        /// <summary>The word.</summary>
        public WordKey Key;

        /// <summary>Its ids; where there are more than <see cref="Inline"/>, the first number says where they are.</summary>
        public int First;
        public int Second;
        public int Third;

        /// <summary>How many.</summary>
        public int Count;

        /// <summary>Whether it is this word's.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool Is(WordKey key) => ((Key.Low ^ key.Low) | (Key.High ^ key.High)) == 0;

        /// <summary>Writes the three inline ids and a fourth number of no meaning.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Entry* entry, int* destination) => Vector128.Store(Vector128.Load(&entry->First), destination);
    }
}
