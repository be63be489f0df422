using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>
/// Rows of embedding tables: gathered as sums, and their gradients added back. Gradients are added by the table's rows, each by one
/// thread in order of the tokens after a stable counting sort, so no atomic operation is needed and the bits never vary.
/// </summary>
public static unsafe class EmbeddingRows
{
    private const int RowsPerTile = 16;
    private const int ColumnsPerTile = 512;

    /// <summary>tableGradient[tokens[r]] += gradient[r], in order of r.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">Elements of a row, C.</param>
    /// <param name="tokens">[R], each in 0 … vocabulary − 1.</param>
    /// <param name="vocabulary">Rows of the table, V.</param>
    /// <param name="gradient">[R, C].</param>
    /// <param name="tableGradient">[V, C].</param>
    /// <param name="gradientStride">Elements from one row of the gradient to the next, at least C; 0 is C.</param>
    public static void ScatterAdd<T>(
        WorkerPool pool, int rows, int width, int* tokens, int vocabulary, T* gradient, T* tableGradient, long gradientStride = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SortedRows sorted = SortedRows.ByToken(rows, tokens, vocabulary);
        pool.Run(
            new ScatterKernel<T>(sorted, width, gradient, gradientStride == 0 ? width : gradientStride, tableGradient, null, default),
            sorted.Segments * WorkerPool.Tiles(width, ColumnsPerTile));
    }

    /// <summary>positionGradient[r mod context] += gradient[r], in order of r.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">Elements of a row, C.</param>
    /// <param name="context">Positions, T.</param>
    /// <param name="gradient">[R, C].</param>
    /// <param name="positionGradient">[T, C].</param>
    public static void PositionAdd<T>(WorkerPool pool, int rows, int width, int context, T* gradient, T* positionGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        pool.RunRows(new PositionKernel<T>(rows, width, context, gradient, positionGradient), Math.Min(context, rows), RowsPerTile);

    /// <summary>output[r] = Σ table[spelling rows of tokens[r]] / √(their number).</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">Elements of a row, C.</param>
    /// <param name="tokens">[R].</param>
    /// <param name="spelling">Which rows each token sums.</param>
    /// <param name="table">The composition table, [rows, C].</param>
    /// <param name="output">[R, C].</param>
    public static void GatherSum<T>(
        WorkerPool pool, int rows, int width, int* tokens, SpellingPointers spelling, T* table, T* output)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        pool.RunRows(new GatherKernel<T>(width, tokens, spelling, table, output), rows, RowsPerTile);

    /// <summary>tableGradient[row] += gradient[r] / √count for every row that spells tokens[r], in order of r and of the spelling.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">Elements of a row, C.</param>
    /// <param name="tokens">[R].</param>
    /// <param name="spelling">Which rows each token sums.</param>
    /// <param name="tableRows">Rows of the composition table.</param>
    /// <param name="gradient">[R, C].</param>
    /// <param name="tableGradient">[tableRows, C].</param>
    public static void ScatterSum<T>(
        WorkerPool pool, int rows, int width, int* tokens, SpellingPointers spelling, int tableRows, T* gradient, T* tableGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SortedRows sorted = SortedRows.BySpelling(rows, tokens, spelling, tableRows);
        pool.Run(
            new ScatterKernel<T>(sorted, width, gradient, width, tableGradient, tokens, spelling),
            sorted.Segments * WorkerPool.Tiles(width, ColumnsPerTile));
    }

    private static T Share<T>(SpellingPointers spelling, int token)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Lanes.Scalar<T>(1 / Math.Sqrt(spelling.Starts[token + 1] - spelling.Starts[token]));

    /// <summary>Adds all gradient rows of one table row, over one stretch of columns. Without tokens every share is 1.</summary>
    private readonly struct ScatterKernel<T>(
        SortedRows sorted, int width, T* gradient, long gradientStride, T* tableGradient, int* tokens, SpellingPointers spelling) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile)
        {
            int segment = tile % sorted.Segments;
            int column = tile / sorted.Segments * ColumnsPerTile;
            int count = Math.Min(ColumnsPerTile, width - column);
            T* target = tableGradient + (long)sorted.Keys[segment] * width + column;
            for (int entry = sorted.Starts[segment]; entry < sorted.Starts[segment + 1]; entry++)
            {
                int row = sorted.Rows[entry];
                T* source = gradient + row * gradientStride + column;
                if (tokens == null)
                {
                    RowLoops.Add(count, source, target);
                }
                else
                {
                    RowLoops.AddScaled(count, Share<T>(spelling, tokens[row]), source, target);
                }
            }
        }
    }

    private readonly struct PositionKernel<T>(int rows, int width, int context, T* gradient, T* positionGradient) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile, int first, int end)
        {
            for (int row = 0; row < rows; row += context)
            {
                int count = Math.Min(end, rows - row) - first;
                if (count > 0)
                {
                    RowLoops.Add(count * width, gradient + (long)(row + first) * width, positionGradient + (long)first * width);
                }
            }
        }
    }

    private readonly struct GatherKernel<T>(int width, int* tokens, SpellingPointers spelling, T* table, T* output) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile, int first, int end)
        {
            for (int row = first; row < end; row++)
            {
                int token = tokens[row];
                T* target = output + (long)row * width;
                new Span<T>(target, width).Clear();
                for (int entry = spelling.Starts[token]; entry < spelling.Starts[token + 1]; entry++)
                {
                    RowLoops.Add(width, table + (long)spelling.Rows[entry] * width, target);
                }

                RowLoops.Scale(width, Share<T>(spelling, token), target);
            }
        }
    }
}
