using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Cpu;

/// <summary>
/// AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) in one pass over flat memory: four reads
/// and three writes an element.
/// </summary>
public static unsafe class AdamW
{
    private const int ElementsPerTile = 1 << 14;

    /// <summary>
    /// m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p = p − rate·decay·p − rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε), where g is
    /// the gradient times <paramref name="gradientFactor"/>.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="count">Elements.</param>
    /// <param name="parameters">p.</param>
    /// <param name="gradients">The gradient; read only.</param>
    /// <param name="firstMoment">m.</param>
    /// <param name="secondMoment">v.</param>
    /// <param name="learningRate">The rate, already scheduled.</param>
    /// <param name="beta1">β₁.</param>
    /// <param name="beta2">β₂.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="weightDecay">The decay, a share of the rate.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="gradientFactor">Factor on the gradient, for clipping.</param>
    public static void Update<T>(
        WorkerPool pool, long count, T* parameters, T* gradients, T* firstMoment, T* secondMoment,
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step, double gradientFactor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => pool.Run(
            Of(count, parameters, gradients, firstMoment, secondMoment, learningRate, beta1, beta2, epsilon, weightDecay, step, gradientFactor, null),
            Tiles(count));

    /// <summary><see cref="Update{T}"/> with the gradient as it is, of which it returns the sum of squares, in double over fixed tiles.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="count">Elements.</param>
    /// <param name="parameters">p.</param>
    /// <param name="gradients">g; read only.</param>
    /// <param name="firstMoment">m.</param>
    /// <param name="secondMoment">v.</param>
    /// <param name="learningRate">The rate, already scheduled.</param>
    /// <param name="beta1">β₁.</param>
    /// <param name="beta2">β₂.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="weightDecay">The decay, a share of the rate.</param>
    /// <param name="step">t, from 1.</param>
    public static double UpdateAndSquare<T>(
        WorkerPool pool, long count, T* parameters, T* gradients, T* firstMoment, T* secondMoment,
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int tiles = Tiles(count);
        double* squares = Scratch.Take<double>(ScratchUse.Partials, tiles);
        pool.Run(
            Of(count, parameters, gradients, firstMoment, secondMoment, learningRate, beta1, beta2, epsilon, weightDecay, step, 1, squares), tiles);
        double sum = 0;
        for (int tile = 0; tile < tiles; tile++)
        {
            sum += squares[tile];
        }

        return sum;
    }

    private static int Tiles(long count) => checked((int)((count + ElementsPerTile - 1) / ElementsPerTile));

    private static Kernel<T> Of<T>(
        long count, T* parameters, T* gradients, T* firstMoment, T* secondMoment,
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step, double gradientFactor, double* squares)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        double correction1 = 1 - Math.Pow(beta1, step);
        double correction2 = 1 - Math.Pow(beta2, step);
        return new Kernel<T>(
            count, parameters, gradients, firstMoment, secondMoment, squares,
            beta1: Lanes.Scalar<T>(beta1),
            rest1: Lanes.Scalar<T>((1 - beta1) * gradientFactor),
            beta2: Lanes.Scalar<T>(beta2),
            rest2: Lanes.Scalar<T>((1 - beta2) * gradientFactor * gradientFactor),
            kept: Lanes.Scalar<T>(1 - learningRate * weightDecay),
            rate: Lanes.Scalar<T>(-learningRate / correction1),
            rootFactor: Lanes.Scalar<T>(1 / Math.Sqrt(correction2)),
            epsilon: Lanes.Scalar<T>(epsilon));
    }

    private readonly struct Kernel<T>(
        long count, T* parameters, T* gradients, T* firstMoment, T* secondMoment, double* squares,
        T beta1, T rest1, T beta2, T rest2, T kept, T rate, T rootFactor, T epsilon) : ITileKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int tile)
        {
            long first = (long)tile * ElementsPerTile;
            int length = (int)Math.Min(ElementsPerTile, count - first);
            T* p = parameters + first;
            T* g = gradients + first;
            T* m = firstMoment + first;
            T* v = secondMoment + first;
            if (squares != null)
            {
                squares[tile] = GradientNorm.SumOfSquares(g, length);
            }

            int i = 0;
            var beta1s = new Vector<T>(beta1);
            var rest1s = new Vector<T>(rest1);
            var beta2s = new Vector<T>(beta2);
            var rest2s = new Vector<T>(rest2);
            var kepts = new Vector<T>(kept);
            var rates = new Vector<T>(rate);
            var rootFactors = new Vector<T>(rootFactor);
            var epsilons = new Vector<T>(epsilon);
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> gradient = Lanes.Load(g + i);
                Vector<T> first1 = Lanes.MultiplyAdd(beta1s, Lanes.Load(m + i), rest1s * gradient);
                Vector<T> second = Lanes.MultiplyAdd(beta2s, Lanes.Load(v + i), rest2s * gradient * gradient);
                Lanes.Store(m + i, first1);
                Lanes.Store(v + i, second);
                Vector<T> size = Lanes.MultiplyAdd(Vector.SquareRoot(second), rootFactors, epsilons);
                Lanes.Store(p + i, Lanes.MultiplyAdd(rates, first1 / size, kepts * Lanes.Load(p + i)));
            }

            for (; i < length; i++)
            {
                T gradient = g[i];
                m[i] = Lanes.MultiplyAdd(beta1, m[i], rest1 * gradient);
                v[i] = Lanes.MultiplyAdd(beta2, v[i], rest2 * gradient * gradient);
                T size = Lanes.MultiplyAdd(T.Sqrt(v[i]), rootFactor, epsilon);
                p[i] = Lanes.MultiplyAdd(rate, m[i] / size, kept * p[i]);
            }
        }
    }
}
