using System.Numerics;
using System.Runtime.CompilerServices;

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
        Check(heads, keyValueHeads);
        var shape = new AttentionShape(context, heads, heads / keyValueHeads, headWidth);
        pool.Run(
            new AttentionForward<T>(
                shape, Lanes.Scalar<T>(scale), q, qStride, k, kStride, v, vStride, output, outputStride, logSumExp), batch * heads);
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
        Check(heads, keyValueHeads);
        var shape = new AttentionShape(context, heads, heads / keyValueHeads, headWidth);
        pool.Run(
            new AttentionBackward<T>(
                shape, keyValueHeads, Lanes.Scalar<T>(scale), q, qStride, k, kStride, v, vStride, output, outputStride, logSumExp,
                outputGradient, outputGradientStride, dQ, dQStride, dK, dKStride, dV, dVStride), batch * keyValueHeads);
    }

    private static void Check(int heads, int keyValueHeads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyValueHeads);
        if (heads % keyValueHeads != 0)
        {
            throw new ArgumentException($"{heads} heads cannot share {keyValueHeads} key-value heads evenly.", nameof(keyValueHeads));
        }
    }
}

/// <summary>The shape of an attention layer.</summary>
internal readonly record struct AttentionShape(int Context, int Heads, int HeadsPerGroup, int HeadWidth);
