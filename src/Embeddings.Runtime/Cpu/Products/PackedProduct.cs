using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>
/// A packed, register-blocked product after Goto and van de Geijn (2008) and BLIS: panels of the right factor, packed once and shared;
/// tiles of rows in parallel, each of which packs its rows of the left factor (or reads them in place) and sweeps the panels.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
/// <typeparam name="TWide">The register tile.</typeparam>
/// <typeparam name="TNarrow">The register tile of the last columns, with as many rows.</typeparam>
internal static unsafe class PackedProduct<T, TWide, TNarrow>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TWide : struct, ITile<T>
    where TNarrow : struct, ITile<T>
{
    /// <summary>Right factors of fewer elements are packed by the caller alone.</summary>
    private const int SerialPacking = 4096;

    /// <summary>Rows of the right factor that one tile of packing copies, where they are contiguous.</summary>
    private const int RowsPerPacking = 48;

    /// <summary>
    /// C[m, n] (+)= A · B and the epilogue on every finished stretch of a row; rowSums[i] += Σ_p A[i, p] unless null, for a left factor
    /// whose rows are not contiguous.
    /// </summary>
    public static void Run<TEpilogue>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate, TEpilogue epilogue,
        T* rowSums)
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        var plan = new ProductPlan(m, n, k, TWide.Rows, TWide.Columns, pool.Threads, a.ColumnStride == 1);
        int groupDepth = plan.GroupBlocks * plan.Depth;
        T* panels = Scratch.Take<T>(
            ScratchUse.RightPanels, (long)ProductPlan.RoundUp(Math.Min(n, plan.GroupColumns), TWide.Columns) * Math.Min(groupDepth, ProductPlan.RoundUp(k, plan.Depth)));
        for (int column = 0; column < n; column += plan.GroupColumns)
        {
            int columns = Math.Min(plan.GroupColumns, n - column);
            var cut = new PanelCut(columns, TWide.Columns, TNarrow.Columns);
            for (int start = 0; start < k; start += groupDepth)
            {
                int depth = Math.Min(groupDepth, k - start);
                Pack(pool, b.At(start, column), b.RowStride, b.ColumnStride, panels, depth, columns, cut, plan.Depth);
                var tiles = new TileProduct<TEpilogue>(
                    plan, cut, m, columns, depth, a.At(0, start), a.RowStride, a.ColumnStride, panels, c + column, cStride,
                    accumulate || start > 0, start + depth == k, column, epilogue, column == 0 ? rowSums : null);
                pool.Run(tiles, ProductPlan.Blocks(m, plan.Rows) * cut.Stretches(columns, plan.Columns));
            }
        }
    }

    private static void Pack(
        WorkerPool pool, T* b, long rowStride, long columnStride, T* panels, int depth, int columns, PanelCut cut, int blockDepth)
    {
        bool serial = (long)depth * columns < SerialPacking;
        if (columnStride == 1)
        {
            int tilesPerBlock = ProductPlan.Blocks(Math.Min(depth, blockDepth), RowsPerPacking);
            int tiles = ProductPlan.Blocks(depth, blockDepth) * tilesPerBlock;
            Run(pool, new PackRows(b, rowStride, panels, depth, columns, cut, blockDepth, tilesPerBlock), tiles, serial);
        }
        else
        {
            Run(pool, new PackColumns(b, columnStride, panels, depth, columns, cut, blockDepth), cut.Count, serial);
        }
    }

    private static void Run<TKernel>(WorkerPool pool, TKernel kernel, int tiles, bool serial)
        where TKernel : unmanaged, ITileKernel
    {
        if (!serial)
        {
            pool.Run(kernel, tiles);
            return;
        }

        for (int tile = 0; tile < tiles; tile++)
        {
            kernel.Run(tile);
        }
    }

    /// <summary>
    /// Packs some rows of a right factor whose rows are contiguous into all panels, so that memory is read in its order: for each block of
    /// depth and each panel, [depth, columns of the panel].
    /// </summary>
    private readonly struct PackRows(
        T* b, long rowStride, T* panels, int depth, int columns, PanelCut cut, int blockDepth, int tilesPerBlock) : ITileKernel
    {
        public void Run(int tile)
        {
            int block = tile / tilesPerBlock;
            int blockStart = block * blockDepth;
            int length = Math.Min(blockDepth, depth - blockStart);
            int first = tile % tilesPerBlock * RowsPerPacking;
            int rows = Math.Min(RowsPerPacking, length - first);
            if (rows <= 0)
            {
                return;
            }

            T* source = b + (long)(blockStart + first) * rowStride;
            T* target = panels + (long)block * cut.Padded * blockDepth;
            for (int panel = 0; panel < cut.Count; panel++)
            {
                int column = cut.Start(panel);
                int width = cut.Width(panel);
                Packing.Rows(
                    target + (long)column * blockDepth + (long)first * width, width, Math.Min(width, columns - column), rows, source + column,
                    rowStride);
            }
        }
    }

    /// <summary>Packs one panel of a right factor whose columns are contiguous, laid out as by <see cref="PackRows"/>.</summary>
    private readonly struct PackColumns(T* b, long columnStride, T* panels, int depth, int columns, PanelCut cut, int blockDepth) : ITileKernel
    {
        public void Run(int tile)
        {
            int column = cut.Start(tile);
            int width = cut.Width(tile);
            T* target = panels + (long)column * blockDepth;
            for (int start = 0; start < depth; start += blockDepth)
            {
                Packing.Panel(
                    target, width, Math.Min(width, columns - column), Math.Min(blockDepth, depth - start), b + start + column * columnStride,
                    columnStride, 1);
                target += (long)cut.Padded * blockDepth;
            }
        }
    }

    /// <summary>Computes one tile of the result over the packed group.</summary>
    private readonly struct TileProduct<TEpilogue>(
        ProductPlan plan, PanelCut cut, int m, int n, int k, T* a, long aRowStride, long aColumnStride, T* panels, T* c, long cStride,
        bool accumulate, bool finish, int firstColumn, TEpilogue epilogue, T* rowSums) : ITileKernel
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        public void Run(int tile)
        {
            int rowTiles = ProductPlan.Blocks(m, plan.Rows);
            int row = tile % rowTiles * plan.Rows;
            int rows = Math.Min(plan.Rows, m - row);
            int column = tile / rowTiles * plan.Columns;
            int end = cut.End(column, plan.Columns, n);
            bool inPlace = aColumnStride == 1;
            T* packed = inPlace
                ? null : Scratch.Take<T>(ScratchUse.LeftPanels, (long)ProductPlan.RoundUp(plan.Rows, TWide.Rows) * Packing.Room(plan.Depth));
            for (int block = 0, start = 0; start < k; block++, start += plan.Depth)
            {
                int depth = Math.Min(plan.Depth, k - start);
                LeftRows<T> left = inPlace
                    ? LeftRows<T>.InPlace(a + row * aRowStride + start, aRowStride, 1)
                    : LeftRows<T>.Packed(packed, TWide.Rows, depth);
                if (!inPlace)
                {
                    Packing.Panels(packed, TWide.Rows, rows, depth, a + row + start * aColumnStride, aColumnStride);
                    if (rowSums != null && column == 0)
                    {
                        LeftPanelSums.Add(packed, TWide.Rows, rows, depth, rowSums + row);
                    }
                }

                bool last = finish && start + depth == k;
                T* right = panels + (long)block * cut.Padded * plan.Depth;
                for (int stretch = column; stretch < end; stretch = cut.End(stretch, plan.Stretch, n))
                {
                    int stretchEnd = Math.Min(end, cut.End(stretch, plan.Stretch, n));
                    PanelSweep<T, TWide, TNarrow>.Run(
                        cut, n, right, plan.Depth, left, rows, depth, stretch, stretchEnd, accumulate || block > 0, c + row * cStride, cStride);
                    if (last && typeof(TEpilogue) != typeof(NoEpilogue<T>))
                    {
                        for (int r = row; r < row + rows; r++)
                        {
                            epilogue.Apply(r, firstColumn + stretch, stretchEnd - stretch, c + r * cStride + stretch);
                        }
                    }
                }
            }
        }
    }
}
