using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>Pairs by count, the largest first, and the smallest pair of ids among equals. A heap with four children a node.</summary>
internal unsafe struct MergeHeap : IDisposable
{
    private const int Children = 4;
    private NativeArray<Item> _items;
    private int _count;

    /// <summary>Items in the heap.</summary>
    public readonly int Count => _count;

    /// <summary>The first item.</summary>
    public readonly Item Top => _items.Pointer[0];

    /// <summary>Takes all items out and gives their memory back.</summary>
    public void Clear()
    {
        _items.Dispose();
        _count = 0;
    }

    /// <summary>Puts an item in.</summary>
    public void Push(Item item)
    {
        _items.Reserve(Math.Max(1024, _count + 1));
        Item* items = _items.Pointer;
        int place = _count++;
        while (place > 0 && Precedes(item, items[(place - 1) / Children]))
        {
            items[place] = items[(place - 1) / Children];
            place = (place - 1) / Children;
        }

        items[place] = item;
    }

    /// <summary>Takes the first item out.</summary>
    public void Pop()
    {
        Item last = _items.Pointer[--_count];
        if (_count > 0)
        {
            ReplaceTop(last);
        }
    }

    /// <summary>Replaces the first item and puts the new one where it belongs.</summary>
    public readonly void ReplaceTop(Item item)
    {
        Item* items = _items.Pointer;
        int place = 0;
        while (true)
        {
            int first = place * Children + 1;
            if (first >= _count)
            {
                break;
            }

            int best = first;
            int end = Math.Min(first + Children, _count);
            for (int child = first + 1; child < end; child++)
            {
                best = Precedes(items[child], items[best]) ? child : best;
            }

            if (!Precedes(items[best], item))
            {
                break;
            }

            items[place] = items[best];
            place = best;
        }

        items[place] = item;
    }

    /// <inheritdoc/>
    public void Dispose() => _items.Dispose();

    private static bool Precedes(in Item one, in Item other) => one.Count != other.Count ? one.Count > other.Count : one.Key < other.Key;

    /// <summary>A pair with the count it had when it was put in.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
    public struct Item
    {
        public long Count;
        public ulong Key;
        public int Pair;
    }
}
