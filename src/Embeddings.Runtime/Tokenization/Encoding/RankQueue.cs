using System.Numerics;

namespace Embeddings.Tokenization;

/// <summary>
/// Places in a word by rank, then by position. Each rank has a list of places in any order, which is sorted when its turn comes; bits say
/// which ranks have places, 64 ranks a word and 64 words a word above, so that putting in and taking out take constant time.
/// </summary>
internal sealed unsafe class RankQueue
{
    private readonly int[] _heads;
    private readonly ulong[][] _bits;
    private readonly List<Run> _open = [];
    private readonly Stack<Run> _spare = [];
    private TableMemory? _memory;
    private Node* _nodes;
    private int _room;
    private int _used;
    private int _lowest = int.MaxValue;
    private int _free = -1;

    /// <summary>An empty queue.</summary>
    /// <param name="ranks">Ranks are below this.</param>
    public RankQueue(int ranks)
    {
        _heads = new int[Math.Max(1, ranks)];
        Array.Fill(_heads, -1);
        var levels = new List<ulong[]>();
        int size = _heads.Length;
        do
        {
            size = (size + 63) / 64;
            levels.Add(new ulong[size]);
        }
        while (size > 1);
        _bits = [.. levels];
    }

    /// <summary>Makes room for places; there may be more.</summary>
    public void Reserve(int places)
    {
        if (_room < places)
        {
            TableMemory? old = _memory;
            _memory = new TableMemory((nuint)places * (nuint)sizeof(Node), isCleared: false);
            new ReadOnlySpan<Node>(_nodes, Math.Min(_used, _room)).CopyTo(new Span<Node>(_memory.Pointer, places));
            _nodes = (Node*)_memory.Pointer;
            _room = places;
            GC.KeepAlive(old);
        }
    }

    /// <summary>Puts a place in.</summary>
    public void Add(int rank, int place)
    {
        for (int i = _open.Count - 1; i >= 0 && _open[i].Rank <= rank; i--)
        {
            if (_open[i].Rank == rank)
            {
                _open[i].Late.Enqueue(place, place);
                return;
            }
        }

        int node = _free;
        if (node >= 0)
        {
            _free = _nodes[node].Next;
        }
        else
        {
            node = _used++;
            Reserve(node < _room ? 0 : Math.Max(256, 2 * node));
        }

        ref int head = ref _heads[rank];
        _nodes[node] = new Node { Place = place, Next = head };
        if (head < 0)
        {
            Mark(rank);
            _lowest = Math.Min(_lowest, rank);
        }

        head = node;
    }

    /// <summary>Takes out the place of lowest rank, the leftmost among equals.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryTake(out int rank, out int place)
    {
        while (true)
        {
            Run? run = _open.Count > 0 ? _open[^1] : null;
            if (_lowest < (run?.Rank ?? int.MaxValue))
            {
                run = Open(_lowest);
                _lowest = Lowest();
            }

            if (run is null)
            {
                (rank, place) = (-1, -1);
                _used = 0;
                _free = -1;
                return false;
            }

            if (run.TryTake(out place))
            {
                rank = run.Rank;
                return true;
            }

            _open.RemoveAt(_open.Count - 1);
            _spare.Push(run);
        }
    }

    private Run Open(int rank)
    {
        Run run = _spare.TryPop(out Run? spare) ? spare : new Run();
        run.Begin(rank);
        int node = _heads[rank];
        while (node >= 0)
        {
            ref Node each = ref _nodes[node];
            run.Add(each.Place);
            (int next, each.Next, _free) = (each.Next, _free, node);
            node = next;
        }

        _heads[rank] = -1;
        Unmark(rank);
        run.Sort();
        _open.Add(run);
        return run;
    }

    private int Lowest()
    {
        int index = 0;
        for (int level = _bits.Length - 1; level >= 0; level--)
        {
            ulong word = _bits[level][index];
            if (word == 0)
            {
                return int.MaxValue;
            }

            index = index * 64 + BitOperations.TrailingZeroCount(word);
        }

        return index;
    }

    private void Mark(int rank)
    {
        foreach (ulong[] level in _bits)
        {
            level[rank >> 6] |= 1UL << rank;
            rank >>= 6;
        }
    }

    private void Unmark(int rank)
    {
        foreach (ulong[] level in _bits)
        {
            level[rank >> 6] &= ~(1UL << rank);
            if (level[rank >> 6] != 0)
            {
                return;
            }

            rank >>= 6;
        }
    }

    private struct Node
    {
        public int Place;
        public int Next;
    }

    /// <summary>The places of one rank in order, and those that came after they were put in order.</summary>
    private sealed class Run
    {
        private const int FirstRoom = 256;
        private TableMemory _memory = new(FirstRoom * sizeof(int), isCleared: false);
        private int _room = FirstRoom;
        private int _count;
        private int _taken;

        public int Rank { get; private set; }

        public PriorityQueue<int, int> Late { get; } = new();

        private Span<int> Places => new(_memory.Pointer, _count);

        public void Begin(int rank) => (Rank, _count, _taken) = (rank, 0, 0);

        public void Add(int place)
        {
            if (_count == _room)
            {
                TableMemory old = _memory;
                _memory = new TableMemory((nuint)_room * 2 * sizeof(int), isCleared: false);
                new ReadOnlySpan<int>(old.Pointer, _room).CopyTo(new Span<int>(_memory.Pointer, _room));
                _room *= 2;
                GC.KeepAlive(old);
            }

            ((int*)_memory.Pointer)[_count++] = place;
        }

        public void Sort()
        {
            Span<int> places = Places;
            places.Reverse();
            for (int i = 1; i < places.Length; i++)
            {
                if (places[i] < places[i - 1])
                {
                    places.Sort();
                    return;
                }
            }
        }

        public bool TryTake(out int place)
        {
            bool isLate = Late.TryPeek(out place, out _) && (_taken == _count || place < Places[_taken]);
            if (isLate)
            {
                Late.Dequeue();
                return true;
            }

            place = _taken < _count ? Places[_taken++] : -1;
            return place >= 0;
        }
    }
}
