using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>
/// What is done to a matrix product while its sums are still in cache: bias, activation, residual. It is called once on every finished
/// stretch of a row; stretches start at the same columns whatever the number of threads.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
public unsafe interface IEpilogue<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Finishes elements (row, column) … (row, column + count − 1) of the product in place.</summary>
    /// <param name="row">Row of the product.</param>
    /// <param name="column">First column.</param>
    /// <param name="count">Elements.</param>
    /// <param name="values">The finished sums.</param>
    void Apply(int row, int column, int count, T* values);
}

/// <summary>Leaves the product as it is.</summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
public readonly struct NoEpilogue<T> : IEpilogue<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public unsafe void Apply(int row, int column, int count, T* values)
    {
    }
}
