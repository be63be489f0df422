namespace Embeddings.Tokenization;

/// <summary>
/// What one merge changes on one of its sides, by the neighbour's id: counts of the pairs that it ends and of the pairs that it begins,
/// and in which words. Memory follows the neighbours of the merge that has the most, but for one number for each id.
/// </summary>
internal unsafe struct NeighbourChanges : IDisposable
{
    private NativeArray<int> _placeOf;
    private NativeArray<Change> _changes;
    private NativeArray<int> _touched;
    private NativeArray<Event> _events;
    private int _eventCount;

    /// <summary>No changes.</summary>
    /// <param name="ids">Ids that a neighbour may have.</param>
    public NeighbourChanges(int ids)
    {
        _placeOf = new NativeArray<int>(ids);
        _changes = new NativeArray<Change>(256);
        _touched = new NativeArray<int>(256);
        _events = new NativeArray<Event>(1024);
    }

    /// <summary>Neighbours that occur.</summary>
    public int TouchedCount { get; private set; }

    /// <summary>Changes of a neighbour that occurs.</summary>
    public readonly ref Change this[int neighbour] => ref _changes[_placeOf[neighbour] - 1];

    /// <summary>The i-th neighbour that occurs, in the order of first occurrence.</summary>
    public readonly int Touched(int i) => _touched[i];

    /// <summary>A pair with this neighbour ended.</summary>
    public void Remove(int neighbour, long count) => Touch(neighbour).Removed += count;

    /// <summary>A pair with this neighbour began in a word.</summary>
    public void Add(int neighbour, long count, int word)
    {
        ref Change change = ref Touch(neighbour);
        change.Added += count;
        if (change.LastWord != word)
        {
            change.Bytes += WordLists.Size(word - change.LastWord);
            change.LastWord = word;
        }

        _events.Reserve(_eventCount + 1);
        _events.Pointer[_eventCount++] = new Event { Neighbour = neighbour, Word = word };
    }

    /// <summary>A pair that began just now ended again.</summary>
    public readonly void TakeBack(int neighbour, long count) => this[neighbour].Added -= count;

    /// <summary>Appends the word lists of the neighbours that have a pair (<see cref="Change.Pair"/> ≥ 0), as <see cref="WordLists"/> has them.</summary>
    public readonly void WriteLists(ref WordLists lists, ref PairTable pairs)
    {
        for (int i = 0; i < TouchedCount; i++)
        {
            ref Change change = ref _changes[i];
            if (change.Pair >= 0)
            {
                ref Pair pair = ref pairs[change.Pair];
                pair.List = lists.Allocate(change.Bytes);
                pair.ListBytes = change.Bytes;
                change.Cursor = pair.List;
                change.LastWord = -1;
            }
        }

        for (int i = 0; i < _eventCount; i++)
        {
            Event each = _events.Pointer[i];
            Change* change = _changes.Pointer + _placeOf.Pointer[each.Neighbour] - 1;
            if (change->Pair >= 0 && change->LastWord != each.Word)
            {
                change->Cursor = lists.Write(change->Cursor, each.Word - change->LastWord);
                change->LastWord = each.Word;
            }
        }
    }

    /// <summary>Forgets all changes.</summary>
    public void Clear()
    {
        for (int i = 0; i < TouchedCount; i++)
        {
            _placeOf[_touched[i]] = 0;
        }

        TouchedCount = 0;
        _eventCount = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _placeOf.Dispose();
        _changes.Dispose();
        _touched.Dispose();
        _events.Dispose();
    }

    private ref Change Touch(int neighbour)
    {
        ref int place = ref _placeOf.Pointer[neighbour];
        if (place == 0)
        {
            _changes.Reserve(TouchedCount + 1);
            _touched.Reserve(TouchedCount + 1);
            _changes.Pointer[TouchedCount] = new Change { LastWord = -1, Pair = -1 };
            _touched.Pointer[TouchedCount] = neighbour;
            place = ++TouchedCount;
        }

        return ref _changes.Pointer[place - 1];
    }

    /// <summary>Changes of one neighbour.</summary>
    public struct Change
    {
        public long Added;
        public long Removed;
        public long Cursor;
        public int LastWord;

        /// <summary>Bytes of the list of words in which a pair began.</summary>
        public int Bytes;
        public int Pair;
    }

    private struct Event
    {
        public int Neighbour;
        public int Word;
    }
}
