using System.Numerics;
using System.Runtime.InteropServices;
using Xunit.Sdk;

namespace Embeddings.Runtime.Tests.Cpu;

/// <summary>
/// Native memory for a kernel under test: off every alignment but the element's own, and fenced, so that a write past either end is seen.
/// </summary>
internal sealed unsafe class Buffer<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Fence = 67;
    private static readonly T s_mark = T.CreateTruncating(-12345.75);
    private readonly T* _memory;

    public Buffer(long length)
    {
        Length = length;
        _memory = (T*)NativeMemory.AlignedAlloc((nuint)((length + 2 * Fence) * sizeof(T)), 64);
        Pointer = _memory + Fence;
        for (int i = 0; i < Fence; i++)
        {
            _memory[i] = s_mark;
            Pointer[length + i] = s_mark;
        }

        new Span<T>(Pointer, (int)length).Clear();
    }

    /// <summary>A buffer of normal numbers.</summary>
    public static Buffer<T> Random(Random random, long length, double scale = 1)
    {
        var buffer = new Buffer<T>(length);
        for (long i = 0; i < length; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            buffer.Pointer[i] = T.CreateTruncating(scale * normal);
        }

        return buffer;
    }

    public T* Pointer { get; }

    public long Length { get; }

    public double this[long index]
    {
        get => double.CreateTruncating(Pointer[index]);
        set => Pointer[index] = T.CreateTruncating(value);
    }

    public Buffer<T> Copy()
    {
        var copy = new Buffer<T>(Length);
        Span.CopyTo(copy.Span);
        return copy;
    }

    public Span<T> Span => new(Pointer, (int)Length);

    public double[] ToDoubles()
    {
        var values = new double[Length];
        for (long i = 0; i < Length; i++)
        {
            values[i] = this[i];
        }

        return values;
    }

    /// <summary>Fails unless every element is within tolerance · (1 + |expected|), and the fences stand.</summary>
    public void ShouldEqual(ReadOnlySpan<double> expected, double tolerance, string what)
    {
        Assert.Equal(expected.Length, Length);
        FencesShouldStand(what);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(this[i] - expected[i]) <= tolerance * (1 + Math.Abs(expected[i]))))
            {
                throw new XunitException($"{what}[{i}] is {this[i]:R}, expected {expected[i]:R}.");
            }
        }
    }

    /// <summary>Fails unless both hold the same bits.</summary>
    public void ShouldBeTheBitsOf(Buffer<T> other, string what)
    {
        if (!MemoryMarshal.AsBytes(Span).SequenceEqual(MemoryMarshal.AsBytes(other.Span)))
        {
            throw new XunitException($"{what} differs in its bits.");
        }
    }

    public void FencesShouldStand(string what)
    {
        for (int i = 0; i < Fence; i++)
        {
            if (_memory[i] != s_mark || Pointer[Length + i] != s_mark)
            {
                throw new XunitException($"{what} was written past its end.");
            }
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
