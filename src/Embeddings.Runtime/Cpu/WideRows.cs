using System.Numerics;
using System.Runtime.CompilerServices;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>
/// The loops of a softmax over a long row, on the machine's widest registers, which <see cref="Vector{T}"/> does not take on machines
/// with 512 bits. Four chains run side by side, so that none waits for the one before it.
/// </summary>
internal static unsafe class WideRows<T, TVector, TSimd>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged
    where TSimd : struct, ISimd<T, TVector>
{
    /// <summary>The largest value of at least one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Largest(int count, T* values)
    {
        T largest = values[0];
        int i = 0;
        if (count >= 4 * TSimd.Lanes)
        {
            TVector most0 = TSimd.Load(values), most1 = TSimd.Load(values + TSimd.Lanes);
            TVector most2 = TSimd.Load(values + 2 * TSimd.Lanes), most3 = TSimd.Load(values + 3 * TSimd.Lanes);
            for (i = 4 * TSimd.Lanes; i <= count - 4 * TSimd.Lanes; i += 4 * TSimd.Lanes)
            {
                most0 = TSimd.Max(most0, TSimd.Load(values + i));
                most1 = TSimd.Max(most1, TSimd.Load(values + i + TSimd.Lanes));
                most2 = TSimd.Max(most2, TSimd.Load(values + i + 2 * TSimd.Lanes));
                most3 = TSimd.Max(most3, TSimd.Load(values + i + 3 * TSimd.Lanes));
            }

            largest = TSimd.Largest(TSimd.Max(TSimd.Max(most0, most1), TSimd.Max(most2, most3)));
        }

        for (; i < count; i++)
        {
            largest = Lanes.Max(largest, values[i]);
        }

        return largest;
    }

    /// <summary>Puts e^(z − largest) in place of z and returns the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Exponentials(int count, T* row, T largest)
    {
        TVector shift = TSimd.Broadcast(largest);
        TVector sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        int i = 0;
        for (; i <= count - 4 * TSimd.Lanes; i += 4 * TSimd.Lanes)
        {
            sum0 = TSimd.Add(sum0, Exponential(row + i, shift));
            sum1 = TSimd.Add(sum1, Exponential(row + i + TSimd.Lanes, shift));
            sum2 = TSimd.Add(sum2, Exponential(row + i + 2 * TSimd.Lanes, shift));
            sum3 = TSimd.Add(sum3, Exponential(row + i + 3 * TSimd.Lanes, shift));
        }

        T sum = TSimd.Sum(TSimd.Add(TSimd.Add(sum0, sum1), TSimd.Add(sum2, sum3)));
        for (; i < count; i++)
        {
            row[i] = Lanes.Exp(row[i] - largest);
            sum += row[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Exponential(T* value, TVector shift)
    {
        TVector exponential = TSimd.Exp(TSimd.Subtract(TSimd.Load(value), shift));
        TSimd.Store(exponential, value);
        return exponential;
    }
}
