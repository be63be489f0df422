using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Cpu;

/// <summary>
/// As <see cref="SoftmaxRows{T}"/> for logits z = c · tanh(a / c) whose products a are given: in their place stands the gradient on
/// through the cap, (softmax(z) − onehot) · scale · (1 − tanh²(a / c)).
/// </summary>
internal readonly unsafe struct CappedSoftmaxRows<T>(
    int vocabulary, T* logits, int* targets, T* losses, T cap, T scale, T* lossWeights, bool gradients) : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int tile)
    {
        T* row = logits + (long)tile * vocabulary;
        int target = targets[tile];
        if (target < 0)
        {
            losses[tile] = T.Zero;
            if (gradients)
            {
                new Span<T>(row, vocabulary).Clear();
            }

            return;
        }

        T largest = cap * Tangents(vocabulary, row, T.One / cap);
        T targetTangent = row[target];
        T sum = SumOfExponentials(vocabulary, row, cap, largest);
        losses[tile] = largest + T.Log(sum) - cap * targetTangent;
        if (gradients)
        {
            T own = lossWeights == null ? scale : scale * lossWeights[tile];
            Gradients(vocabulary, row, cap, largest, own / sum);
            row[target] -= own * (T.One - targetTangent * targetTangent);
        }
    }

    /// <summary>Puts tanh(a / c) in place of a and returns the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Tangents(int count, T* row, T inverseCap)
    {
        var inverse = new Vector<T>(inverseCap);
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Lanes.Store(row + i, Lanes.Tanh(Lanes.Load(row + i) * inverse));
        }

        for (; i < count; i++)
        {
            row[i] = Lanes.Tanh(row[i] * inverseCap);
        }

        return RowLoops.Largest(count, row);
    }

    /// <summary>Σ e^(cap · tanh − largest).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T SumOfExponentials(int count, T* row, T cap, T largest)
    {
        var caps = new Vector<T>(cap);
        var shift = new Vector<T>(-largest);
        Vector<T> sums = Vector<T>.Zero;
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            sums += Lanes.Exp(Lanes.MultiplyAdd(Lanes.Load(row + i), caps, shift));
        }

        T sum = Lanes.Sum(sums);
        for (; i < count; i++)
        {
            sum += Lanes.Exp(Lanes.MultiplyAdd(row[i], cap, -largest));
        }

        return sum;
    }

    /// <summary>Puts e^(cap · tanh − largest) · factor · (1 − tanh²) in place of tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gradients(int count, T* row, T cap, T largest, T factor)
    {
        var caps = new Vector<T>(cap);
        var shift = new Vector<T>(-largest);
        var factors = new Vector<T>(factor);
        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> tangent = Lanes.Load(row + i);
            Vector<T> slope = Lanes.MultiplyAdd(-tangent, tangent, Vector<T>.One);
            Lanes.Store(row + i, Lanes.Exp(Lanes.MultiplyAdd(tangent, caps, shift)) * (factors * slope));
        }

        for (; i < count; i++)
        {
            T tangent = row[i];
            T slope = Lanes.MultiplyAdd(-tangent, tangent, T.One);
            row[i] = Lanes.Exp(Lanes.MultiplyAdd(tangent, cap, -largest)) * (factor * slope);
        }
    }
}
