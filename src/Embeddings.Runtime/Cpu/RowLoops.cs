using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>Loops over one row that several kernels share.</summary>
internal static unsafe class RowLoops
{
    /// <summary>target[i] += source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(int count, T* source, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Lanes.Store(target + i, Lanes.Load(target + i) + Lanes.Load(source + i));
        }

        for (; i < count; i++)
        {
            target[i] += source[i];
        }
    }

    /// <summary>target[i] += factor · source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled<T>(int count, T factor, T* source, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var factors = new Vector<T>(factor);
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Lanes.Store(target + i, Lanes.MultiplyAdd(factors, Lanes.Load(source + i), Lanes.Load(target + i)));
        }

        for (; i < count; i++)
        {
            target[i] = Lanes.MultiplyAdd(factor, source[i], target[i]);
        }
    }

    /// <summary>values[i] *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<T>(int count, T factor, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var factors = new Vector<T>(factor);
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Lanes.Store(values + i, factors * Lanes.Load(values + i));
        }

        for (; i < count; i++)
        {
            values[i] *= factor;
        }
    }

    /// <summary>Σ a[i] · b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Dot<T>(int count, T* a, T* b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector<T> sum0 = Vector<T>.Zero, sum1 = Vector<T>.Zero;
        int i = 0;
        for (; i <= count - 2 * Vector<T>.Count; i += 2 * Vector<T>.Count)
        {
            sum0 = Lanes.MultiplyAdd(Lanes.Load(a + i), Lanes.Load(b + i), sum0);
            sum1 = Lanes.MultiplyAdd(Lanes.Load(a + i + Vector<T>.Count), Lanes.Load(b + i + Vector<T>.Count), sum1);
        }

        T sum = Lanes.Sum(sum0 + sum1);
        for (; i < count; i++)
        {
            sum = Lanes.MultiplyAdd(a[i], b[i], sum);
        }

        return sum;
    }

    /// <summary>The largest value of at least one.</summary>
    public static T Largest<T>(int count, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector512.IsHardwareAccelerated
        ? WideRows<T, Vector512<T>, Simd512<T>>.Largest(count, values)
        : Vector256.IsHardwareAccelerated
            ? WideRows<T, Vector256<T>, Simd256<T>>.Largest(count, values)
            : WideRows<T, Vector128<T>, Simd128<T>>.Largest(count, values);

    /// <summary>Puts e^(z − largest) in place of z and returns the sum.</summary>
    public static T Exponentials<T>(int count, T* row, T largest)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector512.IsHardwareAccelerated
        ? WideRows<T, Vector512<T>, Simd512<T>>.Exponentials(count, row, largest)
        : Vector256.IsHardwareAccelerated
            ? WideRows<T, Vector256<T>, Simd256<T>>.Exponentials(count, row, largest)
            : WideRows<T, Vector128<T>, Simd128<T>>.Exponentials(count, row, largest);
}
