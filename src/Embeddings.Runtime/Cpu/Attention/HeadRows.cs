using System.Numerics;

namespace Embeddings.Cpu.Attention;

/// <summary>The rows of all heads of a tensor: head h of row r at <c>Data + r · Stride + h · D</c>.</summary>
internal readonly unsafe struct HeadRows<T>(T* data, long stride)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements from a row to the next.</summary>
    public long Stride => stride;

    /// <summary>One head of one row.</summary>
    /// <param name="row">Row.</param>
    /// <param name="offset">Head · D.</param>
    public T* At(long row, int offset) => data + row * stride + offset;
}
