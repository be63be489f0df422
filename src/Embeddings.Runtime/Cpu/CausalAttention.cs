using System.Numerics;
using Embeddings.Cpu.Attention;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>
/// Causal softmax attention: o[t] = Σ_{s ≤ t} softmax_s(scale · q[t] · k[s]) v[s] for every head, where several query heads may share
/// a key-value head. The forward saves the log-sum-exp of each row's scores, from which the backward recomputes the probabilities
/// (Dao et al., arXiv 2205.14135); the T × T scores never exist.
/// </summary>
public static unsafe class CausalAttention
{
    /// <summary>Writes the output of every head and the log-sum-exp of its scores.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="batch">Sequences, B.</param>
    /// <param name="context">Positions, T; row r is position r mod T of sequence r / T.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="keyValueHeads">Key-value heads, a divisor of H.</param>
    /// <param name="headWidth">D.</param>
    /// <param name="scale">Factor of the scores, usually 1/√D.</param>
    /// <param name="q">Queries: head h of row r at <c>q + r · qStride + h · D</c>.</param>
    /// <param name="qStride">Elements from a row of q to the next.</param>
    /// <param name="k">Keys: head g of row r at <c>k + r · kStride + g · D</c>.</param>
    /// <param name="kStride">Elements from a row of k to the next.</param>
    /// <param name="v">Values, laid out as the keys.</param>
    /// <param name="vStride">Elements from a row of v to the next.</param>
    /// <param name="output">Outputs, laid out as the queries; written.</param>
    /// <param name="outputStride">Elements from a row of the output to the next.</param>
    /// <param name="logSumExp">[R, H], written.</param>
    public static void Forward<T>(
        WorkerPool pool, int batch, int context, int heads, int keyValueHeads, int headWidth, double scale,
        T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output, long outputStride, T* logSumExp)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shape = new AttentionShape(batch, context, heads, keyValueHeads, headWidth, scale);
        Machine.Dispatch<T, ForwardWork<T, PlainScores<T>>>(new ForwardWork<T, PlainScores<T>>(
            pool, shape, default, new HeadRows<T>(q, qStride), new HeadRows<T>(k, kStride), new HeadRows<T>(v, vStride),
            new HeadRows<T>(output, outputStride), logSumExp));
    }

    /// <summary>Writes the gradients of queries, keys and values.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="batch">Sequences, B.</param>
    /// <param name="context">Positions, T.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="keyValueHeads">Key-value heads, a divisor of H.</param>
    /// <param name="headWidth">D.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="q">Queries.</param>
    /// <param name="qStride">Elements from a row of q to the next.</param>
    /// <param name="k">Keys.</param>
    /// <param name="kStride">Elements from a row of k to the next.</param>
    /// <param name="v">Values.</param>
    /// <param name="vStride">Elements from a row of v to the next.</param>
    /// <param name="output">The forward's output.</param>
    /// <param name="outputStride">Elements from a row of the output to the next.</param>
    /// <param name="logSumExp">The forward's log-sum-exp, [R, H].</param>
    /// <param name="outputGradient">Gradient of the output, laid out as the queries.</param>
    /// <param name="outputGradientStride">Elements from a row of it to the next.</param>
    /// <param name="dQ">Gradient of the queries, written.</param>
    /// <param name="dQStride">Elements from a row of it to the next.</param>
    /// <param name="dK">Gradient of the keys, written.</param>
    /// <param name="dKStride">Elements from a row of it to the next.</param>
    /// <param name="dV">Gradient of the values, written.</param>
    /// <param name="dVStride">Elements from a row of it to the next.</param>
    public static void Backward<T>(
        WorkerPool pool, int batch, int context, int heads, int keyValueHeads, int headWidth, double scale,
        T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output, long outputStride, T* logSumExp,
        T* outputGradient, long outputGradientStride, T* dQ, long dQStride, T* dK, long dKStride, T* dV, long dVStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shape = new AttentionShape(batch, context, heads, keyValueHeads, headWidth, scale);
        Machine.Dispatch<T, BackwardWork<T, PlainScores<T>>>(new BackwardWork<T, PlainScores<T>>(
            pool, shape, default, new HeadRows<T>(q, qStride), new HeadRows<T>(k, kStride), new HeadRows<T>(v, vStride),
            new HeadRows<T>(output, outputStride), logSumExp, new HeadRows<T>(outputGradient, outputGradientStride),
            new HeadRows<T>(dQ, dQStride), new HeadRows<T>(dK, dKStride), new HeadRows<T>(dV, dVStride)));
    }

    internal readonly struct ForwardWork<T, TScores>(
        WorkerPool pool, AttentionShape shape, TScores policy, HeadRows<T> q, HeadRows<T> k, HeadRows<T> v, HeadRows<T> output,
        T* logSumExp) : IMachineWork<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TScores : unmanaged, IAttentionScores<T>
    {
        public void Run<TVector, TSimd, TWideTile, TNarrowTile>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<T, TVector>
            where TWideTile : struct, ITile<T>
            where TNarrowTile : struct, ITile<T> => pool.Run(
                new AttentionForward<T, TVector, TSimd, TNarrowTile, TScores>(shape, policy, q, k, v, output, logSumExp),
                shape.Batch * shape.Heads);
    }

    internal readonly struct BackwardWork<T, TScores>(
        WorkerPool pool, AttentionShape shape, TScores policy, HeadRows<T> q, HeadRows<T> k, HeadRows<T> v, HeadRows<T> output,
        T* logSumExp, HeadRows<T> outputGradient, HeadRows<T> dQ, HeadRows<T> dK, HeadRows<T> dV) : IMachineWork<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TScores : unmanaged, IAttentionScores<T>
    {
        public void Run<TVector, TSimd, TWideTile, TNarrowTile>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<T, TVector>
            where TWideTile : struct, ITile<T>
            where TNarrowTile : struct, ITile<T> => pool.Run(
                new AttentionBackward<T, TVector, TSimd, TNarrowTile, TScores>(
                    shape, policy, q, k, v, output, logSumExp, outputGradient, dQ, dK, dV),
                shape.Batch * shape.KeyValueHeads);
    }
}
