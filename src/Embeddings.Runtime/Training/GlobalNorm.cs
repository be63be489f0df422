using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Training;

/// <summary>The Euclidean norm of all gradients together, the same bits for any number of threads.</summary>
internal static unsafe class GlobalNorm
{
    private const int Chunk = 1 << 15;

    /// <summary>√Σx²: sums in double over fixed chunks, added in order.</summary>
    public static double Of(WorkerPool pool, Arena<float> values)
    {
        int chunks = checked((int)((values.Length + Chunk - 1) / Chunk));
        var sums = new double[chunks];
        fixed (double* pointer = sums)
        {
            pool.Run(new SquareSums(values.Pointer, values.Length, pointer), chunks);
        }

        double total = 0;
        foreach (double sum in sums)
        {
            total += sum;
        }

        return Math.Sqrt(total);
    }

    private readonly struct SquareSums(float* values, long length, double* sums) : ITileKernel
    {
        public void Run(int tile)
        {
            long end = Math.Min(length, (tile + 1L) * Chunk);
            double sum = 0;
            for (long i = (long)tile * Chunk; i < end; i++)
            {
                sum += (double)values[i] * values[i];
            }

            sums[tile] = sum;
        }
    }
}
