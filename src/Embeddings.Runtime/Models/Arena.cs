using System.Numerics;
using System.Runtime.InteropServices;

namespace Embeddings.Models;

/// <summary>
/// One flat, zeroed, 64-byte aligned block of native memory that many tensors share at fixed offsets. Parameters, gradients, optimizer
/// moments and activations are an arena each, so that clipping, AdamW and checkpoints are one pass over one block.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
public sealed unsafe class Arena<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const nuint Alignment = 64;
    private void* _block;

    /// <summary>Takes a zeroed block. Memory that nobody writes to is not taken from the machine.</summary>
    /// <param name="length">Elements.</param>
    /// <exception cref="OutOfMemoryException">The block does not fit.</exception>
    public Arena(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _block = NativeMemory.AllocZeroed(checked((nuint)length * (nuint)sizeof(T) + Alignment));
        Pointer = (T*)(((nuint)_block + Alignment - 1) / Alignment * Alignment);
    }

    /// <summary>First element.</summary>
    public T* Pointer { get; private set; }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>A window of at most 2³¹ − 1 elements.</summary>
    public Span<T> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new Span<T>(Pointer + offset, length);
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Length * (nuint)sizeof(T));

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_block);
        _block = null;
        Pointer = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the block where nobody disposed of it.</summary>
    ~Arena() => NativeMemory.Free(_block);
}
