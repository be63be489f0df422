using System.Numerics;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>
/// Matrix products. Sums run in an order that depends on the shape alone, so results are the same bits for any number of threads. The
/// result must not overlap a factor.
/// </summary>
public static unsafe class MatMul
{
    /// <summary>C[m, n] = A[m, k] · B[k, n], or C += A · B.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C[i, j] at <c>c[i · cStride + j]</c>.</param>
    /// <param name="cStride">Elements from a row of C to the next.</param>
    /// <param name="accumulate">Adds to C instead of writing it.</param>
    public static void Run<T>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Dispatch(pool, m, n, k, a, b, c, cStride, accumulate, default(NoEpilogue<T>), null);

    /// <summary>C[m, n] = A[m, k] · B[k, n], then the epilogue once on every finished stretch of a row of C.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C[i, j] at <c>c[i · cStride + j]</c>.</param>
    /// <param name="cStride">Elements from a row of C to the next.</param>
    /// <param name="epilogue">What to do with finished sums.</param>
    public static void Run<T, TEpilogue>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, in TEpilogue epilogue)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : unmanaged, IEpilogue<T> => Dispatch(pool, m, n, k, a, b, c, cStride, false, epilogue, null);

    /// <summary>
    /// The gradient of a linear layer's weight and bias: dW[n, k] += dY[m, n]ᵀ · X[m, k], and biasGradient[n] += column sums of dY. Where it
    /// does not add, the weight's gradient is written; the bias's is added to all the same.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="m">Rows: tokens.</param>
    /// <param name="n">The layer's outputs.</param>
    /// <param name="k">The layer's inputs.</param>
    /// <param name="dY">Gradient of the layer's output, [m, n].</param>
    /// <param name="x">The layer's input, [m, k].</param>
    /// <param name="weightGradient">[n, k], dense.</param>
    /// <param name="biasGradient">[n], added to; or null.</param>
    /// <param name="adds">Whether the weight's gradient is added to what is there, or written.</param>
    public static void WeightGradient<T>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> dY, MatrixView<T> x, T* weightGradient, T* biasGradient, bool adds = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var transposed = new MatrixView<T>(dY.Data, dY.ColumnStride, dY.RowStride);
        bool ride = dY.RowStride != 1;
        Dispatch(pool, n, k, m, transposed, x, weightGradient, k, adds, default(NoEpilogue<T>), ride ? biasGradient : null);
        if (biasGradient != null && !ride)
        {
            ColumnSums.Add(pool, m, n, dY, biasGradient);
        }
    }

    private static void Dispatch<T, TEpilogue>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate, TEpilogue epilogue,
        T* rowSums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(m);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        Machine.Dispatch<T, Work<T, TEpilogue>>(new Work<T, TEpilogue>(pool, m, n, k, a, b, c, cStride, accumulate, epilogue, rowSums));
    }

    private readonly struct Work<T, TEpilogue>(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate, TEpilogue epilogue,
        T* rowSums) : IMachineWork<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        public void Run<TVector, TSimd, TWideTile, TNarrowTile>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<T, TVector>
            where TWideTile : struct, ITile<T>
            where TNarrowTile : struct, ITile<T>
        {
            if (StretchProduct<T, TWideTile, TNarrowTile, TEpilogue>.Suits(m, n, k, a))
            {
                var stretches = new StretchProduct<T, TWideTile, TNarrowTile, TEpilogue>(m, n, k, a, b, c, cStride, accumulate, epilogue);
                pool.Run(stretches, stretches.Tiles);
            }
            else if (typeof(TEpilogue) == typeof(NoEpilogue<T>) && SegmentedProduct<T, TWideTile, TNarrowTile>.Suits(m, n, k, a, b))
            {
                SegmentedProduct<T, TWideTile, TNarrowTile>.Run(pool, m, n, k, a, b, c, cStride, accumulate, rowSums);
            }
            else
            {
                PackedProduct<T, TWideTile, TNarrowTile>.Run(pool, m, n, k, a, b, c, cStride, accumulate, epilogue, rowSums);
            }
        }
    }
}
