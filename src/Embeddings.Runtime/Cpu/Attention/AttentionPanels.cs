using System.Numerics;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu.Attention;

/// <summary>Packs rows of one head so that a register tile reads them as its right factor.</summary>
internal static unsafe class AttentionPanels
{
    /// <summary>Keys across the columns: panels[p][d, j] = rows[p · Columns + j, d], 0 behind the last key.</summary>
    public static void Transposed<T, TTile>(AttentionShape shape, T* rows, long stride, T* panels)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TTile : struct, ITile<T>
    {
        for (int key = 0; key < shape.Context; key += TTile.Columns)
        {
            Packing.Panel(
                panels + (long)key * shape.HeadWidth, TTile.Columns, Math.Min(TTile.Columns, shape.Context - key), shape.HeadWidth,
                rows + key * stride, stride, 1);
        }
    }

    /// <summary>Elements of a head across the columns: panels[p][r, j] = rows[r, p · Columns + j], 0 behind the last element.</summary>
    public static void Rows<T, TTile>(int count, int width, T* rows, long stride, T* panels)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TTile : struct, ITile<T>
    {
        for (int column = 0; column < width; column += TTile.Columns)
        {
            Packing.Panel(
                panels + (long)column * count, TTile.Columns, Math.Min(TTile.Columns, width - column), count, rows + column, 1, stride);
        }
    }
}
