using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>
/// A matrix in place: element (i, j) stands at <c>Data[i · RowStride + j · ColumnStride]</c>, and one of the strides is 1.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
public readonly unsafe struct MatrixView<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Views memory as a matrix.</summary>
    /// <param name="data">Element (0, 0).</param>
    /// <param name="rowStride">Elements from a row to the next.</param>
    /// <param name="columnStride">Elements from a column to the next.</param>
    /// <exception cref="ArgumentException">Neither stride is 1.</exception>
    public MatrixView(T* data, long rowStride, long columnStride)
    {
        if (rowStride != 1 && columnStride != 1)
        {
            throw new ArgumentException($"One stride of a matrix must be 1, got {rowStride} and {columnStride}.");
        }

        Data = data;
        RowStride = rowStride;
        ColumnStride = columnStride;
    }

    /// <summary>Element (0, 0).</summary>
    public T* Data { get; }

    /// <summary>Elements from a row to the next.</summary>
    public long RowStride { get; }

    /// <summary>Elements from a column to the next.</summary>
    public long ColumnStride { get; }

    /// <summary>A row-major matrix: element (i, j) at <c>data[i · stride + j]</c>.</summary>
    public static MatrixView<T> Rows(T* data, long stride) => new(data, stride, 1);

    /// <summary>The transpose of a row-major matrix: element (i, j) at <c>data[j · stride + i]</c>.</summary>
    public static MatrixView<T> Transposed(T* data, long stride) => new(data, 1, stride);

    /// <summary>The address of an element.</summary>
    internal T* At(long row, long column) => Data + row * RowStride + column * ColumnStride;
}
