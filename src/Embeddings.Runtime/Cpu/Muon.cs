using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Cpu;

/// <summary>
/// Muon (Jordan et al., 2024, kellerjordan.github.io/posts/muon): the step of a matrix is its momentum with all singular values brought near
/// 1 by a quintic Newton–Schulz iteration. Computed in the precision of the model.
/// </summary>
public static unsafe class Muon
{
    private const int ElementsPerTile = 1 << 14;

    /// <summary>Keeps an empty gradient from a division by 0.</summary>
    private const double SmallestNorm = 1e-7;

    /// <summary>Coefficients a, b, c of the iteration, as published: they pull small singular values up fastest, and leave them in 0.7 … 1.2.</summary>
    private const double First = 3.4445, Third = -4.7750, Fifth = 2.0315;

    /// <summary>
    /// m = μm + g; u = g + μm; p = p − rate·decay·p − rate·√max(1, rows/columns)·orthogonal(u), where g is the gradient times
    /// <paramref name="gradientFactor"/>.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Rows of the matrix: its outputs.</param>
    /// <param name="columns">Columns of the matrix: its inputs.</param>
    /// <param name="parameters">p, [rows, columns].</param>
    /// <param name="gradients">The gradient; read only.</param>
    /// <param name="momentumBuffer">m, [rows, columns].</param>
    /// <param name="learningRate">The rate, already scheduled.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="weightDecay">The decay, a share of the rate.</param>
    /// <param name="iterations">Newton–Schulz iterations.</param>
    /// <param name="gradientFactor">Factor on the gradient, for clipping.</param>
    public static void Update<T>(
        WorkerPool pool, int rows, int columns, T* parameters, T* gradients, T* momentumBuffer,
        double learningRate, double momentum, double weightDecay, int iterations, double gradientFactor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long count = (long)rows * columns;
        T* x = Scratch.Take<T>(ScratchUse.MuonStep, count);
        Run(pool, count, new Momentum<T>(count, gradients, momentumBuffer, x, Lanes.Scalar<T>(momentum), Lanes.Scalar<T>(gradientFactor)));
        Orthogonalize(pool, rows, columns, x, iterations);
        double rate = learningRate * Math.Sqrt(Math.Max(1, (double)rows / columns));
        Run(pool, count, new Step<T>(count, parameters, x, Lanes.Scalar<T>(1 - learningRate * weightDecay), Lanes.Scalar<T>(-rate)));
    }

    /// <summary>
    /// X ← X/‖X‖, then for each iteration X ← aX + (bA + cA²)X with A = XXᵀ; on the shorter side, so that A is as small as it can be.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="columns">Columns of x.</param>
    /// <param name="x">[rows, columns], replaced.</param>
    /// <param name="iterations">How often.</param>
    public static void Orthogonalize<T>(WorkerPool pool, int rows, int columns, T* x, int iterations)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long count = (long)rows * columns;
        int side = Math.Min(rows, columns);
        int length = Math.Max(rows, columns);
        T* gram = Scratch.Take<T>(ScratchUse.MuonProducts, 2L * side * side + count);
        T* polynomial = gram + (long)side * side;
        T* next = polynomial + (long)side * side;
        Run(pool, count, new Scaled<T>(count, x, x, Lanes.Scalar<T>(1 / (GradientNorm.Of(pool, x, count) + SmallestNorm))));
        MatrixView<T> wide = rows <= columns ? MatrixView<T>.Rows(x, columns) : MatrixView<T>.Transposed(x, columns);
        MatrixView<T> tall = rows <= columns ? MatrixView<T>.Transposed(x, columns) : MatrixView<T>.Rows(x, columns);
        long square = (long)side * side;
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            MatMul.Run(pool, side, side, length, wide, tall, gram, side, accumulate: false);
            Run(pool, square, new Scaled<T>(square, gram, polynomial, Lanes.Scalar<T>(Third / Fifth)));
            MatMul.Run(pool, side, side, side, MatrixView<T>.Rows(gram, side), MatrixView<T>.Rows(gram, side), polynomial, side, accumulate: true);
            Run(pool, square, new Scaled<T>(square, polynomial, polynomial, Lanes.Scalar<T>(Fifth)));
            Run(pool, count, new Scaled<T>(count, x, next, Lanes.Scalar<T>(First)));
            if (rows <= columns)
            {
                MatMul.Run(pool, rows, columns, side, MatrixView<T>.Rows(polynomial, side), MatrixView<T>.Rows(x, columns), next, columns, accumulate: true);
            }
            else
            {
                MatMul.Run(pool, rows, columns, side, MatrixView<T>.Rows(x, columns), MatrixView<T>.Rows(polynomial, side), next, columns, accumulate: true);
            }

            Run(pool, count, new Scaled<T>(count, next, x, T.One));
        }
    }

    private static void Run<TKernel>(WorkerPool pool, long count, in TKernel kernel)
        where TKernel : unmanaged, ITileKernel => pool.Run(kernel, checked((int)((count + ElementsPerTile - 1) / ElementsPerTile)));

    private static int Length(long count, int tile) => (int)Math.Min(ElementsPerTile, count - (long)tile * ElementsPerTile);

    /// <summary>to[i] = factor · from[i].</summary>
    private readonly struct Scaled<T>(long count, T* from, T* to, T factor) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int tile)
        {
            long first = (long)tile * ElementsPerTile;
            for (long i = first; i < first + Length(count, tile); i++)
            {
                to[i] = factor * from[i];
            }
        }
    }

    /// <summary>m = μm + g; u = g + μm.</summary>
    private readonly struct Momentum<T>(long count, T* gradients, T* momentum, T* step, T decay, T factor) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int tile)
        {
            long first = (long)tile * ElementsPerTile;
            for (long i = first; i < first + Length(count, tile); i++)
            {
                T gradient = factor * gradients[i];
                momentum[i] = Lanes.MultiplyAdd(decay, momentum[i], gradient);
                step[i] = Lanes.MultiplyAdd(decay, momentum[i], gradient);
            }
        }
    }

    /// <summary>p = kept · p + rate · u.</summary>
    private readonly struct Step<T>(long count, T* parameters, T* step, T kept, T rate) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int tile)
        {
            long first = (long)tile * ElementsPerTile;
            for (long i = first; i < first + Length(count, tile); i++)
            {
                parameters[i] = Lanes.MultiplyAdd(rate, step[i], kept * parameters[i]);
            }
        }
    }
}
