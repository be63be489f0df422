using System.Numerics;
using System.Runtime.CompilerServices;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Largest<T>(int count, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T largest = values[0];
        int i = 0;
        if (count >= Vector<T>.Count)
        {
            Vector<T> lanes = Lanes.Load(values);
            for (i = Vector<T>.Count; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            {
                lanes = Lanes.Max(lanes, Lanes.Load(values + i));
            }

            for (int lane = 0; lane < Vector<T>.Count; lane++)
            {
                largest = Lanes.Max(largest, lanes[lane]);
            }
        }

        for (; i < count; i++)
        {
            largest = Lanes.Max(largest, values[i]);
        }

        return largest;
    }

    /// <summary>Puts e^(z − largest) in place of z and returns the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Exponentials<T>(int count, T* row, T largest)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shift = new Vector<T>(largest);
        Vector<T> sums = Vector<T>.Zero;
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> exponential = Lanes.Exp(Lanes.Load(row + i) - shift);
            Lanes.Store(row + i, exponential);
            sums += exponential;
        }

        T sum = Lanes.Sum(sums);
        for (; i < count; i++)
        {
            row[i] = Lanes.Exp(row[i] - largest);
            sum += row[i];
        }

        return sum;
    }
}
