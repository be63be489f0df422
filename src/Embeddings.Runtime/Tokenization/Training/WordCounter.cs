namespace Embeddings.Tokenization;

/// <summary>
/// Counts the words of one thread. A small table in front takes the frequent ones, one word per place: a word that finds another in its
/// place sends that one, with its count, to the shared words, some dozens at a time that belong to one shard. So the shared words are touched
/// for a fraction of the text only, and a shard is in the processor's cache when it is.
/// </summary>
internal sealed unsafe class WordCounter(WordCounts shared) : PreTokenSink, IDisposable
{
    private const int PlaceBits = 14;
    private const int Waiting = 48;
    private NativeArray<CountedWord> _places = new(1 << PlaceBits);
    private NativeArray<CountedWord> _waiting = new(Waiting << WordCounts.ShardBits);
    private NativeArray<int> _waitingCounts = new(1 << WordCounts.ShardBits);

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<byte> document, int start, ReadOnlySpan<int> ends)
    {
        CountedWord* places = _places.Pointer;
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
                    CountedWord* place = places + (key.Hash >> (64 - PlaceBits));
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

        for (int shard = 0; shard < 1 << WordCounts.ShardBits; shard++)
        {
            Send(shard);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        _waiting.Dispose();
        _waitingCounts.Dispose();
    }

    private void Replace(CountedWord* place, WordKey key)
    {
        if (place->Count > 0)
        {
            int shard = (int)(place->Key.Hash >> (64 - WordCounts.ShardBits));
            _waiting.Pointer[shard * Waiting + _waitingCounts.Pointer[shard]] = *place;
            if (++_waitingCounts.Pointer[shard] == Waiting)
            {
                Send(shard);
            }
        }

        place->Key = key;
        place->Count = 0;
    }

    private void Send(int shard)
    {
        shared.Add(shard, new ReadOnlySpan<CountedWord>(_waiting.Pointer + shard * Waiting, _waitingCounts.Pointer[shard]));
        _waitingCounts.Pointer[shard] = 0;
    }
}
