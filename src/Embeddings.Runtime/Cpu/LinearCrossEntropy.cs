using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>
/// The output head's product and the softmax cross-entropy of its logits, with both gradients, by chunks of rows: a chunk's logits are
/// turned into their gradient in place, and the logits of a whole pass never exist. Losses are in nats; a target of −1 is ignored: its
/// loss and gradient are 0. With a soft cap c the logits are c · tanh(x · wᵀ / c).
/// </summary>
public static unsafe class LinearCrossEntropy
{
    /// <summary>Elements of a chunk of logits: 64 MiB of floats.</summary>
    private const long ChunkElements = 1 << 24;

    /// <summary>Fewest rows of a chunk: every chunk reads the whole weight three times, which fewer rows would not pay for.</summary>
    private const int SmallestChunk = 96;

    /// <summary>losses[r] = −log softmax(logits[r])[targets[r]].</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">C.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="x">[R, C].</param>
    /// <param name="weight">[V, C].</param>
    /// <param name="targets">[R], −1 where there is no loss.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="losses">[R].</param>
    public static void Losses<T>(
        WorkerPool pool, int rows, int width, int vocabulary, T* x, T* weight, int* targets, double softCap, T* losses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int chunk = ChunkRows(rows, vocabulary);
        T* logits = Scratch.Take<T>(ScratchUse.Logits, (long)chunk * vocabulary);
        for (int first = 0; first < rows; first += chunk)
        {
            int count = Math.Min(chunk, rows - first);
            Product(pool, count, width, vocabulary, x + (long)first * width, weight, logits);
            Softmax(pool, count, vocabulary, logits, targets + first, softCap, T.Zero, losses + first, gradients: false);
        }
    }

    /// <summary>
    /// <see cref="Losses{T}"/>, and the gradient of gradientScale · Σ losses: written to <paramref name="xGradient"/> and added to
    /// <paramref name="weightGradient"/>.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="rows">Tokens, R.</param>
    /// <param name="width">C.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="x">[R, C].</param>
    /// <param name="weight">[V, C].</param>
    /// <param name="targets">[R], −1 where there is no loss.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="gradientScale">Factor of every gradient.</param>
    /// <param name="losses">[R], without the factor.</param>
    /// <param name="xGradient">[R, C], written; must not overlap x.</param>
    /// <param name="weightGradient">[V, C], added to; null where the weight receives none.</param>
    /// <param name="lossWeights">[R], a further factor of the gradient of each loss; null where all are 1.</param>
    /// <param name="adds">Whether the weight's gradient is added to what is there, or written.</param>
    public static void LossesAndGradients<T>(
        WorkerPool pool, int rows, int width, int vocabulary, T* x, T* weight, int* targets, double softCap,
        T gradientScale, T* losses, T* xGradient, T* weightGradient, T* lossWeights = null, bool adds = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int chunk = ChunkRows(rows, vocabulary);
        T* logits = Scratch.Take<T>(ScratchUse.Logits, (long)chunk * vocabulary);
        for (int first = 0; first < rows; first += chunk)
        {
            int count = Math.Min(chunk, rows - first);
            T* xChunk = x + (long)first * width;
            Product(pool, count, width, vocabulary, xChunk, weight, logits);
            Softmax(pool, count, vocabulary, logits, targets + first, softCap, gradientScale, losses + first, gradients: true,
                lossWeights == null ? null : lossWeights + first);
            MatMul.Run(
                pool, count, width, vocabulary, MatrixView<T>.Rows(logits, vocabulary), MatrixView<T>.Rows(weight, width),
                xGradient + (long)first * width, width, accumulate: false);
            if (weightGradient != null)
            {
                MatMul.WeightGradient(
                    pool, count, vocabulary, width, MatrixView<T>.Rows(logits, vocabulary), MatrixView<T>.Rows(xChunk, width),
                    weightGradient, null, adds || first > 0);
            }
        }
    }

    /// <summary>The logits of one row.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="width">C.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="x">[C].</param>
    /// <param name="weight">[V, C].</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="logits">[V].</param>
    public static void Logits<T>(WorkerPool pool, int width, int vocabulary, T* x, T* weight, double softCap, T* logits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        pool.RunRows(new LogitRows<T>(width, x, weight, softCap, logits), vocabulary, rowsPerTile: 256);

    /// <summary>Rows of a chunk, a multiple of 8 unless one chunk takes all.</summary>
    internal static int ChunkRows(int rows, int vocabulary)
    {
        int most = (int)Math.Clamp(ChunkElements / vocabulary, SmallestChunk, int.MaxValue);
        int chunks = WorkerPool.Tiles(rows, most);
        return Math.Min(rows, (WorkerPool.Tiles(rows, chunks) + 7) / 8 * 8);
    }

    private static void Product<T>(WorkerPool pool, int rows, int width, int vocabulary, T* x, T* weight, T* logits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MatMul.Run(
            pool, rows, vocabulary, width, MatrixView<T>.Rows(x, width), MatrixView<T>.Transposed(weight, width), logits, vocabulary,
            accumulate: false);

    private static void Softmax<T>(
        WorkerPool pool, int rows, int vocabulary, T* logits, int* targets, double softCap, T scale, T* losses, bool gradients,
        T* lossWeights = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (softCap == 0)
        {
            pool.Run(new SoftmaxRows<T>(vocabulary, logits, targets, losses, scale, lossWeights, gradients), rows);
        }
        else
        {
            T cap = Lanes.Scalar<T>(softCap);
            pool.Run(new CappedSoftmaxRows<T>(vocabulary, logits, targets, losses, cap, scale, lossWeights, gradients), rows);
        }
    }

    private readonly struct LogitRows<T>(int width, T* x, T* weight, double softCap, T* logits) : IRowKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int tile, int first, int end)
        {
            T cap = Lanes.Scalar<T>(softCap);
            for (int row = first; row < end; row++)
            {
                T logit = RowLoops.Dot(width, x, weight + (long)row * width);
                logits[row] = softCap == 0 ? logit : cap * Lanes.Tanh(logit / cap);
            }
        }
    }
}
