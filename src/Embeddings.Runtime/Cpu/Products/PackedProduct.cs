using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Embeddings.Cpu.Products;

/// <summary>
/// A packed, register-blocked product after Goto and van de Geijn (2008) and BLIS: panels of the right factor, packed once and shared;
/// tiles of rows in parallel, each of which packs its rows of the left factor (or reads them in place) and sweeps the panels.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
/// <typeparam name="TTile">The register tile.</typeparam>
internal static unsafe class PackedProduct<T, TTile>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTile : struct, ITile<T>
{
    /// <summary>Right factors of fewer elements are packed by the caller alone.</summary>
    private const int SerialPacking = 4096;

    /// <summary>
    /// C[m, n] (+)= A · B and the epilogue on every finished stretch of a row; rowSums[i] += Σ_p A[i, p] unless null, for a left factor
    /// whose rows are not contiguous.
    /// </summary>
    public static void Run<TEpilogue>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate, TEpilogue epilogue,
        T* rowSums)
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        var plan = new ProductPlan(m, n, k, TTile.Rows, TTile.Columns, pool.Threads, a.ColumnStride == 1);
        int groupDepth = plan.GroupBlocks * plan.Depth;
        T* panels = Scratch.Take<T>(
            ScratchUse.RightPanels, (long)ProductPlan.RoundUp(Math.Min(n, plan.GroupColumns), TTile.Columns) * Math.Min(groupDepth, ProductPlan.RoundUp(k, plan.Depth)));
        for (int column = 0; column < n; column += plan.GroupColumns)
        {
            int columns = Math.Min(plan.GroupColumns, n - column);
            for (int start = 0; start < k; start += groupDepth)
            {
                int depth = Math.Min(groupDepth, k - start);
                var pack = new PackRight(b.At(start, column), b.RowStride, b.ColumnStride, panels, depth, columns, plan.Depth);
                int packTiles = ProductPlan.Blocks(columns, TTile.Columns);
                if ((long)depth * columns < SerialPacking)
                {
                    for (int tile = 0; tile < packTiles; tile++)
                    {
                        pack.Run(tile);
                    }
                }
                else
                {
                    pool.Run(pack, packTiles);
                }

                var tiles = new TileProduct<TEpilogue>(
                    plan, m, columns, depth, a.At(0, start), a.RowStride, a.ColumnStride, panels, c + column, cStride,
                    accumulate || start > 0, start + depth == k, column, epilogue, column == 0 ? rowSums : null);
                pool.Run(tiles, ProductPlan.Blocks(m, plan.Rows) * ProductPlan.Blocks(columns, plan.Columns));
            }
        }
    }

    /// <summary>Packs one panel of the right factor: for each block of depth, [depth, TTile.Columns].</summary>
    private readonly struct PackRight(
        T* b, long rowStride, long columnStride, T* panels, int depth, int columns, int blockDepth) : ITileKernel
    {
        public void Run(int tile)
        {
            int width = TTile.Columns;
            int column = tile * width;
            long blockElements = (long)ProductPlan.RoundUp(columns, width) * blockDepth;
            T* target = panels + (long)column * blockDepth;
            for (int start = 0; start < depth; start += blockDepth)
            {
                Packing.Panel(
                    target, width, Math.Min(width, columns - column), Math.Min(blockDepth, depth - start),
                    b + start * rowStride + column * columnStride, columnStride, rowStride);
                target += blockElements;
            }
        }
    }

    /// <summary>Computes one tile of the result over the packed group.</summary>
    private readonly struct TileProduct<TEpilogue>(
        ProductPlan plan, int m, int n, int k, T* a, long aRowStride, long aColumnStride, T* panels, T* c, long cStride,
        bool accumulate, bool finish, int firstColumn, TEpilogue epilogue, T* rowSums) : ITileKernel
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        public void Run(int tile)
        {
            int rowTiles = ProductPlan.Blocks(m, plan.Rows);
            int row = tile % rowTiles * plan.Rows;
            int rows = Math.Min(plan.Rows, m - row);
            int column = tile / rowTiles * plan.Columns;
            int columns = Math.Min(plan.Columns, n - column);
            bool inPlace = aColumnStride == 1;
            long blockElements = (long)ProductPlan.RoundUp(n, TTile.Columns) * plan.Depth;
            T* edge = Scratch.Take<T>(ScratchUse.EdgeTile, TTile.Rows * TTile.Columns);
            T* left = inPlace
                ? null : Scratch.Take<T>(ScratchUse.LeftPanels, (long)ProductPlan.RoundUp(plan.Rows, TTile.Rows) * plan.Depth);
            for (int block = 0, start = 0; start < k; block++, start += plan.Depth)
            {
                int depth = Math.Min(plan.Depth, k - start);
                if (!inPlace)
                {
                    PackLeft(left, row, rows, start, depth);
                    if (rowSums != null && column == 0)
                    {
                        AddPanels(left, rows, depth, rowSums + row);
                    }
                }

                bool last = finish && start + depth == k;
                for (int stretch = column; stretch < column + columns; stretch += plan.Stretch)
                {
                    int width = Math.Min(plan.Stretch, column + columns - stretch);
                    T* right = panels + block * blockElements;
                    Multiply(left, right, row, rows, start, depth, stretch, width, accumulate || block > 0, edge);
                    if (last && typeof(TEpilogue) != typeof(NoEpilogue<T>))
                    {
                        for (int r = row; r < row + rows; r++)
                        {
                            epilogue.Apply(r, firstColumn + stretch, width, c + r * cStride + stretch);
                        }
                    }
                }
            }
        }

        private void PackLeft(T* left, int row, int rows, int start, int depth)
        {
            Packing.Panels(left, TTile.Rows, rows, depth, a + row + start * aColumnStride, aColumnStride);
        }

        /// <summary>sums[i] += Σ_p left[i, p], the sum in order of p.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddPanels(T* left, int rows, int depth, T* sums)
        {
            T* panel = left;
            for (int r = 0; r < rows; r += TTile.Rows)
            {
                int count = Math.Min(TTile.Rows, rows - r);
                if (TTile.Rows == 8 && count == 8 && sizeof(T) == sizeof(float))
                {
                    Vector256<T> sum = Vector256.Load(sums + r);
                    for (int p = 0; p < depth; p++)
                    {
                        sum += Vector256.Load(panel + p * 8);
                    }

                    sum.Store(sums + r);
                }
                else
                {
                    for (int i = 0; i < count; i++)
                    {
                        T sum = sums[r + i];
                        for (int p = 0; p < depth; p++)
                        {
                            sum += panel[p * TTile.Rows + i];
                        }

                        sums[r + i] = sum;
                    }
                }

                panel += TTile.Rows * depth;
            }
        }

        private void Multiply(
            T* left, T* right, int row, int rows, int start, int depth, int column, int columns, bool add, T* edge)
        {
            for (int j = column; j < column + columns; j += TTile.Columns)
            {
                T* panel = right + (long)j * plan.Depth;
                int width = Math.Min(TTile.Columns, column + columns - j);
                for (int r = 0; r < rows; r += TTile.Rows)
                {
                    int height = Math.Min(TTile.Rows, rows - r);
                    T* from = left == null ? a + (row + r) * aRowStride + start : left + r * depth;
                    long rowStride = left == null ? aRowStride : 1;
                    long step = left == null ? 1 : TTile.Rows;
                    T* to = c + (row + r) * cStride + j;
                    if (height == TTile.Rows && width == TTile.Columns)
                    {
                        TTile.Run(depth, from, rowStride, step, height, panel, to, cStride, add);
                    }
                    else
                    {
                        TTile.Run(depth, from, rowStride, step, height, panel, edge, TTile.Columns, false);
                        CopyEdge(edge, height, width, to, add);
                    }
                }
            }
        }

        private void CopyEdge(T* edge, int height, int width, T* to, bool add)
        {
            for (int i = 0; i < height; i++)
            {
                for (int j = 0; j < width; j++)
                {
                    T sum = edge[i * TTile.Columns + j];
                    to[i * cStride + j] = add ? to[i * cStride + j] + sum : sum;
                }
            }
        }
    }
}
