using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>
/// The product of few rows, read where they lie, by a wide right factor. A thread takes a stretch of columns, packs it block by block
/// and multiplies all rows by it at once: the packed stretch never leaves the thread's own cache, and nobody waits for packing. With
/// many rows packing weighs little and panels shared by all threads win (see <see cref="PackedProduct{T, TWide, TNarrow}"/>).
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
/// <typeparam name="TWide">The register tile.</typeparam>
/// <typeparam name="TNarrow">The register tile of the last columns, with as many rows.</typeparam>
/// <typeparam name="TEpilogue">What to do with finished sums.</typeparam>
internal readonly unsafe struct StretchProduct<T, TWide, TNarrow, TEpilogue>(
    int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate, TEpilogue epilogue) : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TWide : struct, ITile<T>
    where TNarrow : struct, ITile<T>
    where TEpilogue : unmanaged, IEpilogue<T>
{
    /// <summary>Elements of the left factor over one block of the sum: 768 KiB of floats, which stay in the second-level cache.</summary>
    private const int MostLeftElements = 192 * 1024;

    /// <summary>Fewer stretches would leave some of a few threads without work.</summary>
    private const int FewestStretches = 4;

    private readonly int _depth = ProductPlan.DepthOf(k);
    private readonly int _stretch = ProductPlan.StretchOf(n, TWide.Columns);
    private readonly PanelCut _cut = new(n, TWide.Columns, TNarrow.Columns);

    /// <summary>Whether a shape suits it.</summary>
    public static bool Suits(int m, int n, int k, MatrixView<T> a) =>
        a.ColumnStride == 1 && (long)m * ProductPlan.DepthOf(k) <= MostLeftElements
        && ProductPlan.Blocks(n, ProductPlan.StretchOf(n, TWide.Columns)) >= FewestStretches;

    /// <summary>Stretches.</summary>
    public int Tiles => _cut.Stretches(n, _stretch);

    /// <inheritdoc/>
    public void Run(int tile)
    {
        int column = tile * _stretch;
        int end = _cut.End(column, _stretch, n);
        T* panels = Scratch.Take<T>(ScratchUse.RightStretch, (long)(ProductPlan.RoundUp(end, TWide.Columns) + TNarrow.Columns - column) * _depth);
        T* right = panels - (long)column * _depth;
        for (int start = 0; start < k; start += _depth)
        {
            int depth = Math.Min(_depth, k - start);
            for (int panel = column; panel < end; panel += Width(panel))
            {
                int width = Width(panel);
                Packing.Panel(
                    right + (long)panel * _depth, width, Math.Min(width, n - panel), depth, b.At(start, panel),
                    b.ColumnStride, b.RowStride);
            }

            PanelSweep<T, TWide, TNarrow>.Run(
                _cut, n, right, _depth, LeftRows<T>.InPlace(a.At(0, start), a.RowStride, 1), m, depth, column, end, accumulate || start > 0, c, cStride);
        }

        if (typeof(TEpilogue) != typeof(NoEpilogue<T>))
        {
            for (int row = 0; row < m; row++)
            {
                epilogue.Apply(row, column, end - column, c + row * cStride + column);
            }
        }
    }

    private int Width(int column) => column < _cut.WideEnd ? TWide.Columns : TNarrow.Columns;
}
