using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>Sums over the rows of a matrix, each in order of the rows.</summary>
internal static unsafe class ColumnSums
{
    private const int ColumnsPerTile = 64;

    /// <summary>target[c] += Σ_r values[r, c].</summary>
    public static void Add<T>(WorkerPool pool, int rows, int columns, MatrixView<T> values, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        pool.Run(new Kernel<T>(rows, columns, values, target), WorkerPool.Tiles(columns, ColumnsPerTile));

    private readonly struct Kernel<T>(int rows, int columns, MatrixView<T> values, T* target) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile)
        {
            int first = tile * ColumnsPerTile;
            int count = Math.Min(ColumnsPerTile, columns - first);
            T* sums = stackalloc T[ColumnsPerTile];
            for (int j = 0; j < count; j++)
            {
                sums[j] = T.Zero;
            }

            for (int r = 0; r < rows; r++)
            {
                T* row = values.At(r, first);
                if (values.ColumnStride == 1)
                {
                    RowLoops.Add(count, row, sums);
                }
                else
                {
                    for (int j = 0; j < count; j++)
                    {
                        sums[j] += row[j * values.ColumnStride];
                    }
                }
            }

            RowLoops.Add(count, sums, target + first);
        }
    }
}
