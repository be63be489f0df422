using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Cpu;

/// <summary>The Euclidean norm of a long vector, summed in double over fixed chunks, whose sums are added in order.</summary>
public static unsafe class GradientNorm
{
    private const int ElementsPerTile = 1 << 15;

    /// <summary>√Σx².</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="values">The vector.</param>
    /// <param name="count">Its elements.</param>
    public static double Of<T>(WorkerPool pool, T* values, long count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int tiles = checked((int)((count + ElementsPerTile - 1) / ElementsPerTile));
        double* partials = Scratch.Take<double>(ScratchUse.Partials, tiles);
        pool.Run(new Kernel<T>(values, count, partials), tiles);
        double sum = 0;
        for (int tile = 0; tile < tiles; tile++)
        {
            sum += partials[tile];
        }

        return Math.Sqrt(sum);
    }

    /// <summary>Σx² of a short stretch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double SumOfSquares<T>(T* values, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector<double> sum0 = Vector<double>.Zero, sum1 = Vector<double>.Zero;
        int i = 0;
        for (; i <= length - 2 * Vector<double>.Count; i += 2 * Vector<double>.Count)
        {
            Vector<double> lower, upper;
            if (typeof(T) == typeof(float))
            {
                Vector.Widen(Lanes.Load(values + i).As<T, float>(), out lower, out upper);
            }
            else
            {
                lower = Lanes.Load(values + i).As<T, double>();
                upper = Lanes.Load(values + i + Vector<T>.Count).As<T, double>();
            }

            sum0 = Lanes.MultiplyAdd(lower, lower, sum0);
            sum1 = Lanes.MultiplyAdd(upper, upper, sum1);
        }

        double sum = Lanes.Sum(sum0 + sum1);
        for (; i < length; i++)
        {
            double value = double.CreateTruncating(values[i]);
            sum += value * value;
        }

        return sum;
    }

    private readonly struct Kernel<T>(T* values, long count, double* partials) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile)
        {
            long first = (long)tile * ElementsPerTile;
            partials[tile] = SumOfSquares(values + first, (int)Math.Min(ElementsPerTile, count - first));
        }
    }
}
