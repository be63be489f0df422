using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>Adds up what each tile of a row kernel summed over its own rows.</summary>
public static unsafe class PartialSums
{
    private const int ColumnsPerTile = 256;

    /// <summary>target[c] += Σ_tile partials[tile, c], the sum in order of the tiles.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="tiles">Rows of <paramref name="partials"/>.</param>
    /// <param name="width">Columns.</param>
    /// <param name="partials">[tiles, width].</param>
    /// <param name="target">[width].</param>
    public static void Add<T>(WorkerPool pool, int tiles, int width, T* partials, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        pool.Run(new Kernel<T>(tiles, width, partials, target), WorkerPool.Tiles(width, ColumnsPerTile));

    /// <summary>*target += Σ_tile Σ_c partials[tile, c], in order of the tiles and then of the columns.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="tiles">Rows of <paramref name="partials"/>.</param>
    /// <param name="width">Columns.</param>
    /// <param name="partials">[tiles, width].</param>
    /// <param name="target">One number.</param>
    public static void AddTotal<T>(WorkerPool pool, int tiles, int width, T* partials, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        pool.Run(new TotalKernel<T>((long)tiles * width, partials, target), 1);

    private readonly struct TotalKernel<T>(long count, T* partials, T* target) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile)
        {
            double sum = 0;
            for (long i = 0; i < count; i++)
            {
                sum += double.CreateTruncating(partials[i]);
            }

            *target += T.CreateTruncating(sum);
        }
    }

    private readonly struct Kernel<T>(int tiles, int width, T* partials, T* target) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile)
        {
            int first = tile * ColumnsPerTile;
            int count = Math.Min(ColumnsPerTile, width - first);
            T* sums = stackalloc T[ColumnsPerTile];
            new Span<T>(sums, count).Clear();
            for (int row = 0; row < tiles; row++)
            {
                RowLoops.Add(count, partials + (long)row * width + first, sums);
            }

            RowLoops.Add(count, sums, target + first);
        }
    }
}
