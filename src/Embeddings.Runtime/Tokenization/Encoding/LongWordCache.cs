namespace Embeddings.Tokenization;

/// <summary>Words of 16 to 64 bytes with their ids, one word per place; a new word takes the place of the one that is there.</summary>
internal sealed class LongWordCache
{
    private const int PlaceBits = 14;
    private readonly Entry[] _entries = new Entry[1 << PlaceBits];
    private readonly byte[] _bytes = new byte[ShortMerger.Longest << PlaceBits];
    private readonly int[] _ids = new int[ShortMerger.Longest << PlaceBits];

    /// <summary>The ids of a word; false where they are not known.</summary>
    public bool TryFind(ReadOnlySpan<byte> word, ulong hash, out ReadOnlySpan<int> ids)
    {
        int place = (int)(hash >> (64 - PlaceBits));
        Entry entry = _entries[place];
        bool isKnown = entry.Length == word.Length && _bytes.AsSpan(place * ShortMerger.Longest, entry.Length).SequenceEqual(word);
        ids = isKnown ? _ids.AsSpan(place * ShortMerger.Longest, entry.Count) : default;
        return isKnown;
    }

    /// <summary>Keeps the ids of a word.</summary>
    public void Add(ReadOnlySpan<byte> word, ulong hash, ReadOnlySpan<int> ids)
    {
        int place = (int)(hash >> (64 - PlaceBits));
        _entries[place] = new Entry { Length = word.Length, Count = ids.Length };
        word.CopyTo(_bytes.AsSpan(place * ShortMerger.Longest));
        ids.CopyTo(_ids.AsSpan(place * ShortMerger.Longest));
    }

    private struct Entry
    {
        public int Length;
        public int Count;
    }
}
