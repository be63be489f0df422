using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>
/// An array outside the garbage collector's heap that can grow: so the peak of memory is what is in use, and freed memory goes back.
/// </summary>
internal unsafe struct NativeArray<T> : IDisposable
    where T : unmanaged
{
    /// <summary>The first element.</summary>
    public T* Pointer;

    /// <summary>Elements there is room for.</summary>
    public long Capacity;

    /// <summary>Makes an array of zeros.</summary>
    public NativeArray(long capacity)
    {
        Capacity = capacity;
        Pointer = (T*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(T));
    }

    /// <summary>Element i.</summary>
    public readonly ref T this[long i] => ref Pointer[i];

    /// <summary>Makes room for elements; new ones are not cleared.</summary>
    public void Reserve(long capacity)
    {
        if (capacity > Capacity)
        {
            Capacity = Math.Max(capacity, Capacity + Capacity / 2);
            Pointer = (T*)NativeMemory.Realloc(Pointer, (nuint)Capacity * (nuint)sizeof(T));
        }
    }

    /// <summary>Gives back the memory behind the first elements.</summary>
    public void Shrink(long capacity)
    {
        Capacity = Math.Max(1, Math.Min(capacity, Capacity));
        Pointer = (T*)NativeMemory.Realloc(Pointer, (nuint)Capacity * (nuint)sizeof(T));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
        Capacity = 0;
    }
}
