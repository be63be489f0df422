using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    private readonly TableMemory _memory;
    private readonly nuint _bytes;
    private readonly Entry* _first;
    private readonly int _shift;

    /// <summary>An empty cache.</summary>
    /// <param name="setBits">Sets, as a power of two.</param>
    public WordCache(int setBits)
    {
        _shift = 64 - setBits;
        _bytes = (nuint)(sizeof(Entry) * Ways) << setBits;
        _memory = new TableMemory(_bytes);
        _first = (Entry*)_memory.Pointer;
    }

    /// <summary>The set that a word belongs to, which is asked from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry* Set(WordKey key)
    {
        Entry* set = _first + (key.Hash >> _shift) * Ways;
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(set);
        }

        return set;
    }

    /// <summary>The only entry of a set that a word can be in. Chosen without a branch, which would be guessed wrong often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Entry* Find(Entry* set, WordKey key) => set + (set->Is(key) ? 0 : 1);

    /// <summary>Makes an entry for a word that has none in its set.</summary>
    public static Entry* Add(Entry* set, WordKey key)
    {
        set[1] = set[0];
        *set = new Entry { Key = key };
        return set;
    }

    /// <summary>Forgets all words.</summary>
    public void Clear() => NativeMemory.Clear(_first, _bytes);

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
