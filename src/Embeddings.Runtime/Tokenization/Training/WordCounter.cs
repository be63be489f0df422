namespace Embeddings.Tokenization;

/// <summary>
/// Counts the words of one thread. A small table in front takes the frequent ones, one word per place: a word that finds another in its
/// place sends that one, with its count, to the shared words. So the shared words are touched for a fraction of the text only.
/// </summary>
internal sealed unsafe class WordCounter(WordCounts shared) : PreTokenSink, IDisposable
{
    private const int PlaceBits = 14;
    private NativeArray<Place> _places = new(1 << PlaceBits);

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<byte> document, int start, ReadOnlySpan<int> ends)
    {
        Place* places = _places.Pointer;
        fixed (byte* first = document)
        {
            byte* end = first + document.Length;
            byte* word = first + start;
            foreach (int wordEnd in ends)
            {
                int length = (int)(first + wordEnd - word);
                if (length <= WordKey.Longest)
                {
                    WordKey key = WordKey.Of(word, length, end);
                    Place* place = places + (key.Hash >> (64 - PlaceBits));
                    if (place->Key.Low != key.Low || place->Key.High != key.High)
                    {
                        Replace(place, key);
                    }

                    place->Count++;
                }
                else
                {
                    shared.Add(new ReadOnlySpan<byte>(word, length), 1);
                }

                word += length;
            }
        }
    }

    /// <summary>Sends all that is held here to the shared words.</summary>
    public void Flush()
    {
        for (int i = 0; i < 1 << PlaceBits; i++)
        {
            Replace(_places.Pointer + i, default);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private void Replace(Place* place, WordKey key)
    {
        if (place->Count > 0)
        {
            shared.Add(place->Key, place->Count);
        }

        place->Key = key;
        place->Count = 0;
    }

    private struct Place
    {
        public WordKey Key;
        public long Count;
    }
}
