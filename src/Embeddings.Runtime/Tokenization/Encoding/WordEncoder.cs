using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>
/// Encodes pre-tokens: from the cache, or by merging. One thread uses one at a time; what it remembers never changes what comes out.
/// </summary>
/// <param name="vocabulary">The merges.</param>
internal sealed unsafe class WordEncoder(BytePairVocabulary vocabulary) : PreTokenSink
{
    private const int MostOverflow = 1 << 20;

    private readonly WordCache _cache = new(SetBits(vocabulary.Tokens.Length));
    private LongWordCache? _longCache;
    private int[] _output = GC.AllocateUninitializedArray<int>(1 << 12, pinned: true);
    private int[] _overflow = GC.AllocateUninitializedArray<int>(1 << 12, pinned: true);
    private int _overflowCount;
    private LongMerger? _longMerger;
    private List<int>? _list;
    private int* _destination;
    private int _room;

    /// <summary>Ids written since the work began.</summary>
    public int Written { get; private set; }

    /// <summary>Whether the ids did not fit.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Sends the ids that follow to a list.</summary>
    public void Begin(List<int> list)
    {
        _list = list;
        Written = 0;
        IsFull = false;
    }

    /// <summary>Sends the ids that follow to memory.</summary>
    public void Begin(int* destination, int room)
    {
        _list = null;
        _destination = destination;
        _room = room;
        Written = 0;
        IsFull = false;
    }

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<byte> document, int start, ReadOnlySpan<int> ends)
    {
        if (IsFull)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(ends.Length, BatchSize);

        // A batch has at most as many ids as bytes; three more may be written behind the last.
        int most = ends[^1] - start + WordCache.Inline;
        fixed (byte* first = document)
        {
            if (_list is null && most <= _room - Written)
            {
                Written += Encode(first + start, first, first + document.Length, ends, _destination + Written);
                return;
            }

            if (_output.Length < most)
            {
                _output = GC.AllocateUninitializedArray<int>(Math.Max(most, 2 * _output.Length), pinned: true);
            }

            fixed (int* output = _output)
            {
                Deliver(output, Encode(first + start, first, first + document.Length, ends, output));
            }
        }
    }

    /// <summary>Most sets of the cache: some for each token, at most 8 MiB.</summary>
    private static int SetBits(int vocabularySize) => Math.Min(17, System.Numerics.BitOperations.Log2((uint)vocabularySize) + 1);

    /// <summary>
    /// Encodes a batch in two passes: the first makes the keys of all words, or of longer ones their hashes, and asks memory for their places
    /// in the caches, so that the second need not wait for it.
    /// </summary>
    private int Encode(byte* word, byte* document, byte* documentEnd, ReadOnlySpan<int> ends, int* output)
    {
        WordKey* keys = stackalloc WordKey[BatchSize];
        WordCache.Entry** sets = stackalloc WordCache.Entry*[BatchSize];
        WordCache cache = _cache;
        cache.MakeRoom();
        _longCache?.MakeRoom();
        byte* position = word;
        for (int i = 0; i < ends.Length; i++)
        {
            byte* end = document + ends[i];
            int length = (int)(end - position);
            if (length <= WordKey.Longest)
            {
                keys[i] = WordKey.Of(position, length, documentEnd);
                sets[i] = cache.Set(keys[i]);
            }
            else if (length <= ShortMerger.Longest)
            {
                keys[i] = new WordKey(LongWordHash.Of(new ReadOnlySpan<byte>(position, length)), 0);
                sets[i] = (WordCache.Entry*)(_longCache ??= new LongWordCache()).Place(keys[i].Low);
            }

            position = end;
        }

        int* write = output;
        for (int i = 0; i < ends.Length; i++)
        {
            int length = (int)(document + ends[i] - word);
            if (length <= WordKey.Longest)
            {
                WordCache.Entry* entry = WordCache.Find(sets[i], keys[i]);
                if (!entry->Is(keys[i]))
                {
                    entry = Remember(sets[i], keys[i], word, length);
                }

                int count = entry->Count;
                if (count <= WordCache.Inline)
                {
                    WordCache.Entry.Store(entry, write);
                }
                else
                {
                    _overflow.AsSpan(entry->First, count).CopyTo(new Span<int>(write, count));
                }

                write += count;
            }
            else
            {
                write += EncodeLong((LongWordCache.Entry*)sets[i], keys[i].Low, word, length, write);
            }

            word += length;
        }

        return (int)(write - output);
    }

    /// <summary>The entry of a word that is not in its set.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WordCache.Entry* Remember(WordCache.Entry* set, WordKey key, byte* word, int length)
    {
        WordCache.Entry* known = _cache.BringBack(set, key);
        if (known != null)
        {
            return known;
        }

        int* ids = stackalloc int[ShortMerger.Longest];
        int count = Merge(word, length, ids);
        if (_overflowCount + count > MostOverflow)
        {
            _cache.Clear();
            _overflowCount = 0;
        }

        WordCache.Entry* entry = _cache.Add(set, key);
        entry->Count = count;
        if (count <= WordCache.Inline)
        {
            entry->First = ids[0];
            entry->Second = count > 1 ? ids[1] : 0;
            entry->Third = count > 2 ? ids[2] : 0;
            return entry;
        }

        if (_overflowCount + count > _overflow.Length)
        {
            Array.Resize(ref _overflow, 2 * _overflow.Length);
        }

        entry->First = _overflowCount;
        new ReadOnlySpan<int>(ids, count).CopyTo(_overflow.AsSpan(_overflowCount));
        _overflowCount += count;
        return entry;
    }

    private int EncodeLong(LongWordCache.Entry* place, ulong hash, byte* word, int length, int* ids)
    {
        if (length > ShortMerger.Longest)
        {
            return MergeLong(word, length, ids);
        }

        var bytes = new ReadOnlySpan<byte>(word, length);
        LongWordCache cache = _longCache!;
        if (cache.TryFind(place, bytes, hash, out ReadOnlySpan<int> known))
        {
            known.CopyTo(new Span<int>(ids, known.Length));
            return known.Length;
        }

        int count = Merge(word, length, ids);
        cache.Add(place, bytes, hash, new ReadOnlySpan<int>(ids, count));
        return count;
    }

    /// <summary>Merges a word of at most <see cref="ShortMerger.Longest"/> bytes.</summary>
    private int Merge(byte* word, int length, int* ids)
    {
        if (vocabulary.WholeWordsFirst && vocabulary.Find(new ReadOnlySpan<byte>(word, length)) is >= 0 and int whole)
        {
            *ids = whole;
            return 1;
        }

        vocabulary.ToIds(word, length, ids);
        return MergeShort(word, ids, length);
    }

    private int MergeShort(byte* word, int* ids, int count) => vocabulary.MergesIfMade() is { } merges
        ? ShortMerger.Merge(new TableRanks(merges), word, ids, count)
        : ShortMerger.Merge(new TokenRanks(vocabulary, word), word, ids, count);

    /// <summary>Merges a long word, in parts where two neighbouring bytes stand side by side in no token.</summary>
    private int MergeLong(byte* word, int length, int* ids)
    {
        if (vocabulary.WholeWordsFirst && vocabulary.Find(new ReadOnlySpan<byte>(word, length)) is >= 0 and int whole)
        {
            *ids = whole;
            return 1;
        }

        int count = 0;
        for (int start = 0; start < length;)
        {
            int end = start + 1;
            while (end < length && vocabulary.MayJoin(word[end - 1], word[end]))
            {
                end++;
            }

            // Ids never run ahead of the bytes that they stand for, so a part can be merged where it stands.
            int* part = ids + start;
            vocabulary.ToIds(word + start, end - start, part);
            int merged = end - start <= ShortMerger.Longest
                ? MergeShort(word + start, part, end - start)
                : (_longMerger ??= new LongMerger(vocabulary.Merges)).Merge(
                    new ReadOnlySpan<byte>(word + start, end - start), new Span<int>(part, end - start));
            new ReadOnlySpan<int>(part, merged).CopyTo(new Span<int>(ids + count, merged));
            count += merged;
            start = end;
        }

        return count;
    }

    private void Deliver(int* output, int count)
    {
        var ids = new ReadOnlySpan<int>(output, count);
        if (_list is { } list)
        {
            int before = list.Count;
            CollectionsMarshal.SetCount(list, before + count);
            ids.CopyTo(CollectionsMarshal.AsSpan(list)[before..]);
        }
        else if (count > _room - Written)
        {
            IsFull = true;
            return;
        }
        else
        {
            ids.CopyTo(new Span<int>(_destination + Written, count));
        }

        Written += count;
    }
}
