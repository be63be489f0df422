using System.Numerics;
using System.Runtime.Intrinsics.X86;

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
/// <typeparam name="TSymbol">Holds an id.</typeparam>
internal sealed unsafe class MergeLearner<TSymbol> : IDisposable
    where TSymbol : unmanaged, IBinaryInteger<TSymbol>
{
    private const int SketchBits = 22;

    private readonly TrainingWords<TSymbol> _words;

    /// <summary>Merges that made an id again; all others are known by the parts of what they made.</summary>
    private readonly HashSet<ulong> _mergedAgain = [];
    private readonly List<(int Left, int Right)> _merges;
    private readonly int _first;
    private MergedTokens _tokens;
    private PairTable _pairs = PairTable.Create();
    private WordLists _lists;
    private MergeHeap _heap;
    private NeighbourChanges _left;
    private NeighbourChanges _right;
    private long _floor;

    /// <summary>Bytes of the lists of pairs that have been merged since gaps were closed.</summary>
    private long _gaps;

    /// <summary>Pairs that were left when some were forgotten.</summary>
    private int _pairsKept;

    /// <summary>A learner that has learned some merges, or none.</summary>
    /// <param name="words">The words, in which these merges are made; they are changed.</param>
    /// <param name="bytes">The byte of each id that is there before all merges, in order of id.</param>
    /// <param name="merges">The merges, in order of rank.</param>
    /// <param name="vocabularySize">Most ids there will be.</param>
    public MergeLearner(
        TrainingWords<TSymbol> words, IEnumerable<byte> bytes, IReadOnlyList<(int Left, int Right)> merges, int vocabularySize)
    {
        _words = words;
        _tokens = new MergedTokens(vocabularySize);
        foreach (byte value in bytes)
        {
            _tokens.Add(value);
        }

        _first = _tokens.Count;
        _merges = new List<(int Left, int Right)>(vocabularySize);
        foreach ((int left, int right) in merges)
        {
            _ = Add(left, right, out _);
        }

        _left = new NeighbourChanges(vocabularySize);
        _right = new NeighbourChanges(vocabularySize);
    }

    /// <summary>Ids there are.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>Merges learned, in order of rank.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => _merges;

    /// <summary>Learns until there are so many ids, or nothing is left to merge, or it is to stop, but one merge at least.</summary>
    /// <param name="vocabularySize">Ids in all.</param>
    /// <param name="progress">Receives the share of ids learned.</param>
    /// <param name="stop">Asked between two merges.</param>
    /// <returns>Whether there is nothing more to learn.</returns>
    public bool Learn(int vocabularySize, IProgress<double>? progress, Func<bool> stop)
    {
        if (_floor == 0)
        {
            // A guess of how rare the last pair will be; too low costs memory, too high another reading of the words.
            const int RarerThanEven = 16;
            Track(Math.Max(1, _words.TotalPairs() / (RarerThanEven * Math.Max(1L, vocabularySize - _first))));
        }

        for (bool isFirst = true; VocabularySize < vocabularySize; isFirst = false)
        {
            if (!isFirst && stop())
            {
                return false;
            }

            if (Next() is not (>= 0 and int pair))
            {
                return true;
            }

            Merge(pair);
            const int ReportEvery = 64;
            if (VocabularySize % ReportEvery == 0)
            {
                progress?.Report((double)(VocabularySize - _first) / (vocabularySize - _first));
            }
        }

        return true;
    }

    /// <summary>Prepares to merge any pairs, whatever their counts.</summary>
    public void TrackAll() => Track(1);

    /// <summary>Merges a pair that occurs and whose bytes are no token yet.</summary>
    public void Merge(int left, int right) => Merge(_pairs.Find(PairTable.KeyOf(left, right)));

    /// <summary>Bytes of the token that a pair would make; 0 where there is one of these bytes.</summary>
    public int LengthOfNew(int left, int right) =>
        _tokens.Find(left, right) >= 0 ? 0 : _tokens.LengthOf(left) + _tokens.LengthOf(right);

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
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

                const int SinkBy = 2;
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
        int id = Add(left, right, out bool isShared);
        MergeInList(_lists[pair.List], pair.ListBytes, TSymbol.CreateTruncating(left), TSymbol.CreateTruncating(right), TSymbol.CreateTruncating(id));
        _pairs[index].State = PairState.Merged;
        _gaps += pair.ListBytes;
        Apply(ref _left, left, id, isShared, isLeft: true);
        Apply(ref _right, right, id, isShared, isLeft: false);
        const long FewestGaps = 2 << 20;
        if (_gaps > Math.Max(FewestGaps, _lists.Length / 3))
        {
            CloseGaps();
        }

        const int FewestPairs = 1 << 16;
        if (_pairs.Count > Math.Max(FewestPairs, _pairsKept + _pairsKept / 2L))
        {
            ForgetPairs();
        }
    }

    /// <summary>Notes a merge, and returns the id that it makes: the next one, or that of an earlier token with the same bytes.</summary>
    private int Add(int left, int right, out bool isShared)
    {
        _merges.Add((left, right));
        int id = _tokens.FindOrAdd(left, right, out isShared);
        if (isShared)
        {
            _mergedAgain.Add(PairTable.KeyOf(left, right));
        }

        return id;
    }

    private bool IsMerged(ulong key)
    {
        (int left, int right) = ((int)(key >> 32), (int)(uint)key);
        return _tokens.Find(left, right) is >= 0 and int id && (_tokens.IsMadeOf(id, left, right) || _mergedAgain.Contains(key));
    }

    /// <summary>Forgets the pairs that have been merged or have become too rare: a large vocabulary meets ten times as many as it needs at a time.</summary>
    private void ForgetPairs()
    {
        _pairs.Keep(pair => pair.State != PairState.Merged && pair.Count >= _floor);
        _heap.Clear();
        for (int i = 0; i < _pairs.Count; i++)
        {
            _heap.Push(new MergeHeap.Item { Count = _pairs[i].Count, Key = _pairs[i].Key, Pair = i });
        }

        _pairsKept = _pairs.Count;
    }

    /// <summary>Moves the lists of pairs that may still be merged together, over those that will not be read again.</summary>
    private void CloseGaps()
    {
        using var places = new NativeArray<int>(_pairs.Count);
        int count = 0;
        for (int i = 0; i < _pairs.Count; i++)
        {
            ref Pair pair = ref _pairs[i];
            if (pair.State == PairState.Tracked && pair.Count >= _floor)
            {
                places[count++] = i;
            }
            else
            {
                pair.ListBytes = 0;
            }
        }

        var kept = new Span<int>(places.Pointer, count);
        kept.Sort((one, other) => _pairs[one].List.CompareTo(_pairs[other].List));
        long end = 0;
        foreach (int i in kept)
        {
            ref Pair pair = ref _pairs[i];
            _lists.Move(pair.List, end, pair.ListBytes);
            pair.List = end;
            end += pair.ListBytes;
        }

        _lists.Cut(end);
        _gaps = 0;
    }

    /// <summary>Replaces a pair in all words of a list, whose records are asked from memory some words ahead.</summary>
    private void MergeInList(byte* position, int bytes, TSymbol left, TSymbol right, TSymbol id)
    {
        const int Ahead = 16;
        int* next = stackalloc int[Ahead];
        byte* end = position + bytes;
        int word = -1;
        int read = 0;
        int done = 0;
        while (true)
        {
            while (read < done + Ahead && position < end)
            {
                word += WordLists.Read(ref position);
                next[read++ % Ahead] = word;
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(_words.Record(word));
                }
            }

            if (done == read)
            {
                return;
            }

            MergeIn(next[done++ % Ahead], left, right, id);
        }
    }

    /// <summary>Replaces a pair in a word, from the left, and notes what that changes.</summary>
    private void MergeIn(int word, TSymbol left, TSymbol right, TSymbol id)
    {
        TSymbol* symbols = _words.Symbols(word, out int length);
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
                int before = int.CreateTruncating(symbols[write - 1]);
                if (follows)
                {
                    _right.TakeBack(int.CreateTruncating(left), count);
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
                int after = int.CreateTruncating(symbols[read]);
                _right.Remove(after, count);
                _right.Add(after, count, word);
            }
        }

        _words.SetLength(word, write);
    }

    /// <summary>Brings the counts up to date on one side of a merge.</summary>
    /// <param name="changes">What the merge changed there.</param>
    /// <param name="part">The id of the merged pair on that side.</param>
    /// <param name="id">The id that it makes.</param>
    /// <param name="isShared">Whether that id was there before.</param>
    /// <param name="isLeft">Whether neighbours stand left of it.</param>
    private void Apply(ref NeighbourChanges changes, int part, int id, bool isShared, bool isLeft)
    {
        for (int i = 0; i < changes.TouchedCount; i++)
        {
            int neighbour = changes.Touched(i);
            ref NeighbourChanges.Change change = ref changes[neighbour];
            int old = change.Removed > 0 ? _pairs.Find(KeyBeside(part, neighbour, isLeft)) : -1;
            if (old >= 0)
            {
                _pairs[old].Count -= change.Removed;
            }

            if (isShared && change.Added > 0)
            {
                Grow(KeyBeside(id, neighbour, isLeft), change.Added);
            }
            else if (change.Added >= _floor)
            {
                change.Pair = _pairs.FindOrAdd(KeyBeside(id, neighbour, isLeft));
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
        if (IsMerged(key))
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
        for (int word = _words.First; word >= 0; word = _words.Next(word))
        {
            TSymbol* symbols = _words.Symbols(word, out int length);
            for (int i = 0; i + 1 < length; i++)
            {
                if (KeyAt(symbols + i) == key)
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
        _lists.Dispose();
        _gaps = 0;
        _pairsKept = 0;
        _heap.Clear();
        _words.Compact();
        using NativeArray<Place> places = CountPairs(floor);
        for (int i = 0; i < _pairs.Count; i++)
        {
            ref Pair pair = ref _pairs[i];
            bool isMerged = IsMerged(pair.Key);
            pair.State = isMerged ? PairState.Merged : PairState.Tracked;
            places[i].LastWord = -1;
            places[i].Cursor = -1;
            if (pair.Count >= floor && !isMerged)
            {
                pair.ListBytes = places[i].Bytes;
                pair.List = _lists.Allocate(pair.ListBytes);
                places[i].Cursor = pair.List;
                _heap.Push(new MergeHeap.Item { Count = pair.Count, Key = pair.Key, Pair = i });
            }
        }

        for (int word = _words.First; word >= 0; word = _words.Next(word))
        {
            TSymbol* symbols = _words.Symbols(word, out int length);
            for (int i = 0; i + 1 < length; i++)
            {
                int pair = _pairs.Find(KeyAt(symbols + i));
                Place* place = places.Pointer + pair;
                if (pair >= 0 && place->Cursor >= 0 && place->LastWord != word)
                {
                    place->Cursor = _lists.Write(place->Cursor, word - place->LastWord);
                    place->LastWord = word;
                }
            }
        }
    }

    /// <summary>Counts pairs and the bytes of their word lists.</summary>
    /// <returns>A place for each pair, with the bytes.</returns>
    private NativeArray<Place> CountPairs(long floor)
    {
        // Pairs that are surely below the floor, by sums over pairs of equal hash, get no place in the table. Pairs of bytes are few anyway.
        using NativeArray<ushort> sums = _tokens.Count > _first && floor > 1 ? SumByHash() : new NativeArray<ushort>(0);
        long fewest = Math.Min(floor, ushort.MaxValue);
        var places = new NativeArray<Place>(1 << 12);
        for (int word = _words.First; word >= 0; word = _words.Next(word))
        {
            TSymbol* symbols = _words.Symbols(word, out int length);
            long count = _words.CountOf(word);
            for (int i = 0; i + 1 < length; i++)
            {
                ulong key = KeyAt(symbols + i);
                if (sums.Capacity > 0 && sums[SketchPlace(key)] < fewest)
                {
                    continue;
                }

                int known = _pairs.Count;
                int pair = _pairs.FindOrAdd(key);
                if (pair == known)
                {
                    places.Reserve(pair + 1);
                    places[pair] = new Place { LastWord = -1 };
                }

                _pairs[pair].Count += count;
                Place* place = places.Pointer + pair;
                if (place->LastWord != word)
                {
                    place->Bytes += WordLists.Size(word - place->LastWord);
                    place->LastWord = word;
                }
            }
        }

        return places;
    }

    /// <summary>Counts of all pairs of equal hash together, or the largest number there is room for.</summary>
    private NativeArray<ushort> SumByHash()
    {
        var sums = new NativeArray<ushort>(1 << SketchBits);
        for (int word = _words.First; word >= 0; word = _words.Next(word))
        {
            TSymbol* symbols = _words.Symbols(word, out int length);
            long count = _words.CountOf(word);
            for (int i = 0; i + 1 < length; i++)
            {
                ref ushort sum = ref sums[SketchPlace(KeyAt(symbols + i))];
                sum = (ushort)Math.Min(ushort.MaxValue, sum + count);
            }
        }

        return sums;
    }

    private static ulong KeyBeside(int id, int neighbour, bool isLeft) => isLeft ? PairTable.KeyOf(neighbour, id) : PairTable.KeyOf(id, neighbour);

    private static long SketchPlace(ulong key) => (long)(PairTable.Hash(key) >> (64 - SketchBits));

    private static ulong KeyAt(TSymbol* symbols) => PairTable.KeyOf(int.CreateTruncating(symbols[0]), int.CreateTruncating(symbols[1]));

    /// <summary>Where the word list of a pair is being written, or how long it will be.</summary>
    private struct Place
    {
        public long Cursor;
        public int LastWord;
        public int Bytes;
    }
}
