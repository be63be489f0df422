using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>
/// Learns merges from distinct words with counts: again and again the most frequent pair of neighbours, and among equals the pair whose ids
/// come first. Counts are kept up to date where words change.
/// </summary>
/// <remarks>
/// Only pairs that occur at least <c>floor</c> times are kept: most pairs are rare and would never be merged. A pair of given ids can only
/// become rarer, so what is below the floor stays below it; when nothing above is left, the floor sinks and the words are read again. The
/// one exception is a merge whose bytes equal those of an earlier token: it makes that token's id again, and so pairs with that id can grow.
/// Such pairs are marked, and the words are read again before one is merged.
/// </remarks>
internal sealed unsafe class MergeLearner : IDisposable
{
    private const int SketchBits = 20;

    private readonly TrainingWords _words;
    private readonly List<byte[]> _tokens;
    private readonly Dictionary<ulong, int> _idOfHash = [];
    private readonly HashSet<ulong> _merged = [];
    private readonly List<(int Left, int Right)> _merges = [];
    private PairTable _pairs = PairTable.Create();
    private WordLists _lists;
    private MergeHeap _heap;
    private NeighbourChanges _left;
    private NeighbourChanges _right;
    private long _floor;

    /// <summary>A learner that has learned nothing.</summary>
    /// <param name="words">The words; they are changed.</param>
    /// <param name="bytes">The bytes of the ids that are there, in order of id.</param>
    /// <param name="vocabularySize">Most ids there will be.</param>
    public MergeLearner(TrainingWords words, IEnumerable<byte[]> bytes, int vocabularySize)
    {
        _words = words;
        _tokens = [.. bytes];
        for (int id = 0; id < _tokens.Count; id++)
        {
            _idOfHash.Add(LongWordHash.Of(_tokens[id]), id);
        }

        _left = new NeighbourChanges(vocabularySize);
        _right = new NeighbourChanges(vocabularySize);
    }

    /// <summary>Ids there are.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>Learns until there are so many ids, or nothing is left to merge.</summary>
    /// <param name="vocabularySize">Ids in all.</param>
    /// <param name="progress">Receives the share of ids learned.</param>
    /// <param name="cancellation">Stops between two merges.</param>
    /// <returns>Merges in order of rank.</returns>
    public IReadOnlyList<(int Left, int Right)> Learn(int vocabularySize, IProgress<double>? progress, CancellationToken cancellation)
    {
        // A guess of how rare the last pair will be; too low costs memory, too high another reading of the words.
        const int RarerThanEven = 32;
        int first = VocabularySize;
        long wanted = vocabularySize - first;
        Track(Math.Max(1, _words.TotalPairs() / (RarerThanEven * Math.Max(1, wanted))));
        while (VocabularySize < vocabularySize && Next() is >= 0 and int pair)
        {
            cancellation.ThrowIfCancellationRequested();
            Merge(pair);
            const int ReportEvery = 64;
            if (VocabularySize % ReportEvery == 0)
            {
                progress?.Report((double)(VocabularySize - first) / wanted);
            }
        }

        return _merges;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pairs.Dispose();
        _lists.Dispose();
        _heap.Dispose();
        _left.Dispose();
        _right.Dispose();
    }

    /// <summary>The pair to merge next, or −1.</summary>
    private int Next()
    {
        while (true)
        {
            if (_heap.Count == 0)
            {
                if (_floor == 1)
                {
                    return -1;
                }

                const int SinkBy = 8;
                Track(Math.Max(1, _floor / SinkBy));
                continue;
            }

            MergeHeap.Item top = _heap.Top;
            ref Pair pair = ref _pairs[top.Pair];
            if (pair.State == PairState.Merged || pair.Count < _floor)
            {
                _heap.Pop();
            }
            else if (pair.Count != top.Count)
            {
                _heap.ReplaceTop(top with { Count = pair.Count });
            }
            else if (pair.State == PairState.Incomplete)
            {
                ReadAgain(top.Pair);
                _heap.ReplaceTop(top with { Count = _pairs[top.Pair].Count });
            }
            else
            {
                _heap.Pop();
                return top.Pair;
            }
        }
    }

    private void Merge(int index)
    {
        Pair pair = _pairs[index];
        int left = (int)(pair.Key >> 32);
        int right = (int)(uint)pair.Key;
        int id = IdOf(left, right, out bool isShared);
        _merges.Add((left, right));
        _merged.Add(pair.Key);
        byte* position = _lists[pair.List];
        byte* end = position + pair.ListBytes;
        for (int word = -1; position < end;)
        {
            word += WordLists.Read(ref position);
            MergeIn(word, left, right, id);
        }

        _pairs[index].State = PairState.Merged;
        Apply(ref _left, id, isShared, neighbour => PairTable.KeyOf(neighbour, left), neighbour => PairTable.KeyOf(neighbour, id));
        Apply(ref _right, id, isShared, neighbour => PairTable.KeyOf(right, neighbour), neighbour => PairTable.KeyOf(id, neighbour));
    }

    /// <summary>The id of a merge: that of an earlier token with the same bytes, or the next one.</summary>
    private int IdOf(int left, int right, out bool isShared)
    {
        byte[] bytes = [.. _tokens[left], .. _tokens[right]];
        for (ulong hash = LongWordHash.Of(bytes); ; hash++)
        {
            ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_idOfHash, hash, out isShared);
            if (!isShared)
            {
                known = _tokens.Count;
                _tokens.Add(bytes);
                return known;
            }

            if (_tokens[known].AsSpan().SequenceEqual(bytes))
            {
                return known;
            }
        }
    }

    /// <summary>Replaces a pair in a word, from the left, and notes what that changes.</summary>
    private void MergeIn(int word, int left, int right, int id)
    {
        int* symbols = _words.Symbols(word, out int length);
        int read = 0;
        while (read + 1 < length && (symbols[read] != left || symbols[read + 1] != right))
        {
            read++;
        }

        if (read + 1 >= length)
        {
            return;
        }

        long count = _words.CountOf(word);
        int write = read;
        bool follows = false;
        while (read < length)
        {
            if (read + 1 >= length || symbols[read] != left || symbols[read + 1] != right)
            {
                symbols[write++] = symbols[read++];
                follows = false;
                continue;
            }

            if (write > 0)
            {
                int before = symbols[write - 1];
                if (follows)
                {
                    _right.TakeBack(left, count);
                }
                else
                {
                    _left.Remove(before, count);
                }

                _left.Add(before, count, word);
            }

            symbols[write++] = id;
            read += 2;
            follows = true;
            if (read < length)
            {
                int after = symbols[read];
                _right.Remove(after, count);
                _right.Add(after, count, word);
            }
        }

        _words.SetLength(word, write);
    }

    /// <summary>Brings the counts up to date on one side of a merge.</summary>
    private void Apply(ref NeighbourChanges changes, int id, bool isShared, Func<int, ulong> ended, Func<int, ulong> begun)
    {
        for (int i = 0; i < changes.TouchedCount; i++)
        {
            int neighbour = changes.Touched(i);
            ref NeighbourChanges.Change change = ref changes[neighbour];
            int old = change.Removed > 0 ? _pairs.Find(ended(neighbour)) : -1;
            if (old >= 0)
            {
                _pairs[old].Count -= change.Removed;
            }

            if (isShared && change.Added > 0)
            {
                Grow(begun(neighbour), change.Added);
            }
            else if (change.Added >= _floor)
            {
                change.Pair = _pairs.FindOrAdd(begun(neighbour));
                _pairs[change.Pair].Count = change.Added;
            }
        }

        changes.WriteLists(ref _lists, ref _pairs);
        for (int i = 0; i < changes.TouchedCount; i++)
        {
            if (changes[changes.Touched(i)].Pair is >= 0 and int pair)
            {
                _heap.Push(new MergeHeap.Item { Count = _pairs[pair].Count, Key = _pairs[pair].Key, Pair = pair });
            }
        }

        changes.Clear();
    }

    /// <summary>Notes that a pair with an id made again occurs more often; how often in all is found out when its turn may have come.</summary>
    private void Grow(ulong key, long added)
    {
        int known = _pairs.Find(key);
        int index = known >= 0 ? known : _pairs.FindOrAdd(key);
        ref Pair pair = ref _pairs[index];
        if (_merged.Contains(key))
        {
            pair.State = PairState.Merged;
            return;
        }

        pair.Count = (known >= 0 ? Math.Max(pair.Count, 0) : _floor - 1) + added;
        pair.State = PairState.Incomplete;
        _heap.Push(new MergeHeap.Item { Count = pair.Count, Key = key, Pair = index });
    }

    /// <summary>Counts one pair in all words and lists where it occurs.</summary>
    private void ReadAgain(int index)
    {
        ulong key = _pairs[index].Key;
        long count = 0;
        var places = new List<int>();
        for (int word = 0; word < _words.Count; word++)
        {
            int* symbols = _words.Symbols(word, out int length);
            for (int i = 0; i + 1 < length; i++)
            {
                if (PairTable.KeyOf(symbols[i], symbols[i + 1]) == key)
                {
                    count += _words.CountOf(word);
                    if (places.Count == 0 || places[^1] != word)
                    {
                        places.Add(word);
                    }
                }
            }
        }

        ref Pair pair = ref _pairs[index];
        pair.Count = count;
        pair.State = PairState.Tracked;
        int last = -1;
        pair.ListBytes = 0;
        foreach (int word in places)
        {
            pair.ListBytes += WordLists.Size(word - last);
            last = word;
        }

        pair.List = _lists.Allocate(pair.ListBytes);
        long cursor = pair.List;
        last = -1;
        foreach (int word in places)
        {
            cursor = _lists.Write(cursor, word - last);
            last = word;
        }
    }

    /// <summary>Reads all words and keeps the pairs that occur at least <paramref name="floor"/> times, with the words they occur in.</summary>
    private void Track(long floor)
    {
        _floor = floor;
        _pairs.Clear();
        _lists.Clear();
        _heap.Clear();
        CountPairs(floor);
        var places = new NativeArray<Place>(_pairs.Count + 1);
        for (int i = 0; i < _pairs.Count; i++)
        {
            ref Pair pair = ref _pairs[i];
            places[i].IsKept = pair.Count >= floor && !_merged.Contains(pair.Key);
            places[i].LastWord = -1;
            pair.State = _merged.Contains(pair.Key) ? PairState.Merged : PairState.Tracked;
        }

        VisitPairs((pair, word) =>
        {
            Place* place = places.Pointer + pair;
            if (place->IsKept && place->LastWord != word)
            {
                place->Bytes += WordLists.Size(word - place->LastWord);
                place->LastWord = word;
            }
        });
        for (int i = 0; i < _pairs.Count; i++)
        {
            ref Pair pair = ref _pairs[i];
            pair.ListBytes = places[i].Bytes;
            pair.List = _lists.Allocate(places[i].Bytes);
            places[i].Cursor = pair.List;
            places[i].LastWord = -1;
            if (places[i].IsKept)
            {
                _heap.Push(new MergeHeap.Item { Count = pair.Count, Key = pair.Key, Pair = i });
            }
        }

        VisitPairs((pair, word) =>
        {
            Place* place = places.Pointer + pair;
            if (place->IsKept && place->LastWord != word)
            {
                place->Cursor = _lists.Write(place->Cursor, word - place->LastWord);
                place->LastWord = word;
            }
        });
        places.Dispose();
    }

    /// <summary>Counts pairs; those that are surely below the floor, by sums over pairs of equal hash, get no place in the table.</summary>
    private void CountPairs(long floor)
    {
        using var sums = new NativeArray<long>(1 << SketchBits);
        long* sum = sums.Pointer;
        for (int word = 0; word < _words.Count; word++)
        {
            int* symbols = _words.Symbols(word, out int length);
            long count = _words.CountOf(word);
            for (int i = 0; i + 1 < length; i++)
            {
                sum[PairTable.Hash(PairTable.KeyOf(symbols[i], symbols[i + 1])) >> (64 - SketchBits)] += count;
            }
        }

        for (int word = 0; word < _words.Count; word++)
        {
            int* symbols = _words.Symbols(word, out int length);
            long count = _words.CountOf(word);
            for (int i = 0; i + 1 < length; i++)
            {
                ulong key = PairTable.KeyOf(symbols[i], symbols[i + 1]);
                if (sum[PairTable.Hash(key) >> (64 - SketchBits)] >= floor)
                {
                    _pairs[_pairs.FindOrAdd(key)].Count += count;
                }
            }
        }
    }

    private void VisitPairs(Action<int, int> visit)
    {
        for (int word = 0; word < _words.Count; word++)
        {
            int* symbols = _words.Symbols(word, out int length);
            for (int i = 0; i + 1 < length; i++)
            {
                if (_pairs.Find(PairTable.KeyOf(symbols[i], symbols[i + 1])) is >= 0 and int pair)
                {
                    visit(pair, word);
                }
            }
        }
    }

    private struct Place
    {
        public long Cursor;
        public int LastWord;
        public int Bytes;
        public bool IsKept;
    }
}
