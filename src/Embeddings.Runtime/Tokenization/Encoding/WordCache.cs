using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Tokenization;

/// <summary>
/// Words of up to 15 bytes with their ids: sets of two entries, 64 bytes each. A new word takes the first place of its set and moves the one
/// there to the second, so frequent words stay; nothing ever grows.
/// </summary>
internal sealed unsafe class WordCache
{
    /// <summary>Most ids that an entry holds itself.</summary>
    public const int Inline = 3;

    private const int Ways = 2;
    private readonly Entry[] _entries;
    private readonly Entry* _first;
    private readonly int _shift;

    /// <summary>An empty cache.</summary>
    /// <param name="setBits">Sets, as a power of two.</param>
    public WordCache(int setBits)
    {
        _shift = 64 - setBits;
        _entries = GC.AllocateArray<Entry>((Ways << setBits) + Ways, pinned: true);
        var first = (nint)Unsafe.AsPointer(ref _entries[0]);
        _first = (Entry*)((first + 63) & ~63);
    }

    /// <summary>Asks memory for the place of a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(WordKey key)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(_first + (key.Hash >> _shift) * Ways);
        }
    }

    /// <summary>The entry of a word, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry* Find(WordKey key)
    {
        Entry* set = _first + (key.Hash >> _shift) * Ways;
        return set->Key.Low == key.Low && set->Key.High == key.High ? set
            : set[1].Key.Low == key.Low && set[1].Key.High == key.High ? set + 1
            : null;
    }

    /// <summary>Makes an entry for a word that has none.</summary>
    public Entry* Add(WordKey key)
    {
        Entry* set = _first + (key.Hash >> _shift) * Ways;
        set[1] = set[0];
        *set = new Entry { Key = key };
        return set;
    }

    /// <summary>Forgets all words.</summary>
    public void Clear() => Array.Clear(_entries);

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

        /// <summary>Writes the three inline ids and a fourth number of no meaning.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Entry* entry, int* destination) => Vector128.Store(Vector128.Load(&entry->First), destination);
    }
}
