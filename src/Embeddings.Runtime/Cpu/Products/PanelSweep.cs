using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>Rows of a left factor over one block of the sum, packed or where they lie.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <param name="Data">Element [0, 0].</param>
/// <param name="RowStep">Elements from one register tile's rows to the next's, divided by the rows of a tile.</param>
/// <param name="RowStride">Elements from a row of a register tile to the next.</param>
/// <param name="ColumnStride">Elements from a column to the next.</param>
internal readonly unsafe record struct LeftRows<T>(nint Data, long RowStep, long RowStride, long ColumnStride)
    where T : unmanaged
{
    /// <summary>Rows where they lie.</summary>
    public static LeftRows<T> InPlace(T* data, long rowStride, long columnStride) => new((nint)data, rowStride, rowStride, columnStride);

    /// <summary>Panels of as many rows as a register tile has, one behind the other (see <see cref="Packing.Panels"/>).</summary>
    public static LeftRows<T> Packed(T* panels, int tileRows, int depth) => new((nint)panels, Packing.Room(depth), 1, tileRows);

    /// <summary>The element of a row at the block's start; the row is the first of a register tile.</summary>
    public T* At(int row) => (T*)Data + row * RowStep;
}

/// <summary>
/// Rows of a left factor times panels of a right factor, over one block of the sum: the loops around the register tiles. A panel of the
/// right factor stays in the nearest cache while all rows pass it.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
/// <typeparam name="TWide">The register tile.</typeparam>
/// <typeparam name="TNarrow">The register tile of the last columns, with as many rows.</typeparam>
internal static unsafe class PanelSweep<T, TWide, TNarrow>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TWide : struct, ITile<T>
    where TNarrow : struct, ITile<T>
{
    /// <summary>C[i, j] (+)= Σ_p left[i, p] · right[p, j] for the rows and column ≤ j &lt; end.</summary>
    /// <param name="cut">How the columns are cut into panels.</param>
    /// <param name="columns">All columns that exist.</param>
    /// <param name="right">The panels: that of column j starts at element j · <paramref name="panelDepth"/>.</param>
    /// <param name="panelDepth">Rows for which a panel has room.</param>
    /// <param name="left">The left factor.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="depth">Terms of the block.</param>
    /// <param name="column">First column, where a panel starts.</param>
    /// <param name="end">Column behind the last one.</param>
    /// <param name="add">Adds to C instead of writing it.</param>
    /// <param name="c">C[i, j] at <c>c[i · cStride + j]</c>.</param>
    /// <param name="cStride">Elements from a row of C to the next.</param>
    public static void Run(
        PanelCut cut, int columns, T* right, long panelDepth, LeftRows<T> left, int rows, int depth, int column, int end, bool add, T* c, long cStride)
    {
        int wideEnd = Math.Min(end, cut.WideEnd);
        for (; column < wideEnd; column += TWide.Columns)
        {
            Panel<TWide>(right + column * panelDepth, left, rows, depth, Math.Min(TWide.Columns, columns - column), add, c + column, cStride);
        }

        for (; column < end; column += TNarrow.Columns)
        {
            Panel<TNarrow>(right + column * panelDepth, left, rows, depth, Math.Min(TNarrow.Columns, columns - column), add, c + column, cStride);
        }
    }

    private static void Panel<TTile>(T* panel, LeftRows<T> left, int rows, int depth, int width, bool add, T* c, long cStride)
        where TTile : struct, ITile<T>
    {
        for (int row = 0; row < rows; row += TTile.Rows)
        {
            int height = Math.Min(TTile.Rows, rows - row);
            T* to = c + row * cStride;
            if (height == TTile.Rows && width == TTile.Columns)
            {
                TTile.Run(depth, left.At(row), left.RowStride, left.ColumnStride, height, panel, to, cStride, add);
            }
            else
            {
                T* edge = Scratch.Take<T>(ScratchUse.EdgeTile, TTile.Rows * TTile.Columns);
                TTile.Run(depth, left.At(row), left.RowStride, left.ColumnStride, height, panel, edge, TTile.Columns, false);
                CopyEdge(edge, TTile.Columns, height, width, to, cStride, add);
            }
        }
    }

    private static void CopyEdge(T* edge, int edgeStride, int height, int width, T* to, long cStride, bool add)
    {
        for (int i = 0; i < height; i++)
        {
            for (int j = 0; j < width; j++)
            {
                T sum = edge[i * edgeStride + j];
                to[i * cStride + j] = add ? to[i * cStride + j] + sum : sum;
            }
        }
    }
}
