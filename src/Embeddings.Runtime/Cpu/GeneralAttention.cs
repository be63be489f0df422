using System.Numerics;
using Embeddings.Cpu.Attention;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>
/// Causal attention as <see cref="CausalAttention"/>, with what declarations can add to it: a window, so that position t sees
/// t − window + 1 … t; slopes, so that the score of head h falls by 2^(−8(h + 1)/H) for each position of distance (ALiBi, Press et al.,
/// arXiv 2108.12409); and gradients that travel back a bounded distance.
/// </summary>
public static unsafe class GeneralAttention
{
    /// <summary>A gradient that travels back any distance: the ordinary backward pass.</summary>
    public const int AnyDistance = -1;

    /// <summary>Writes the output of every head and the log-sum-exp of its scores.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="batch">Sequences, B.</param>
    /// <param name="context">Positions, T; row r is position r mod T of sequence r / T.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="keyValueHeads">Key-value heads, a divisor of H.</param>
    /// <param name="headWidth">D.</param>
    /// <param name="scale">Factor of the products q·k.</param>
    /// <param name="window">Positions that a query sees, itself included; 0 is all earlier ones.</param>
    /// <param name="slopes">Whether scores fall with distance.</param>
    /// <param name="q">Queries: head h of row r at <c>q + r · qStride + h · D</c>.</param>
    /// <param name="qStride">Elements from a row of q to the next.</param>
    /// <param name="k">Keys: head g of row r at <c>k + r · kStride + g · D</c>.</param>
    /// <param name="kStride">Elements from a row of k to the next.</param>
    /// <param name="v">Values, laid out as the keys.</param>
    /// <param name="vStride">Elements from a row of v to the next.</param>
    /// <param name="output">Outputs, laid out as the queries; written.</param>
    /// <param name="outputStride">Elements from a row of the output to the next.</param>
    /// <param name="logSumExp">[R, H], written; null where no backward pass follows.</param>
    public static void Forward<T>(
        WorkerPool pool, int batch, int context, int heads, int keyValueHeads, int headWidth, double scale, int window, bool slopes,
        T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output, long outputStride, T* logSumExp)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shape = new AttentionShape(batch, context, heads, keyValueHeads, headWidth, scale);
        T* written = logSumExp == null ? Scratch.Take<T>(ScratchUse.LogSumExp, (long)batch * context * heads) : logSumExp;
        Machine.Dispatch<T, CausalAttention.ForwardWork<T, GeneralScores<T>>>(new CausalAttention.ForwardWork<T, GeneralScores<T>>(
            pool, shape, new GeneralScores<T>(heads, scale, window, slopes), new HeadRows<T>(q, qStride), new HeadRows<T>(k, kStride),
            new HeadRows<T>(v, vStride), new HeadRows<T>(output, outputStride), written));
    }

    /// <summary>
    /// Writes the gradients of queries, keys and values that are asked for. With a distance d ≥ 0, they are those of the targets d
    /// positions after the row whose gradient it is: <paramref name="outputGradient"/> then holds, side by side and each H·D wide, the
    /// output's gradient for targets at distance 0, 1, … d, and points at the last of them. A key at s receives from the query at s + δ
    /// what that query's output received from its targets at distance d − δ. At distance 0, keys and values of earlier positions are
    /// constants. Summed over all distances below T this is the ordinary gradient.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="batch">Sequences, B.</param>
    /// <param name="context">Positions, T.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="keyValueHeads">Key-value heads, a divisor of H.</param>
    /// <param name="headWidth">D.</param>
    /// <param name="scale">Factor of the products q·k.</param>
    /// <param name="window">Positions that a query sees; 0 is all.</param>
    /// <param name="slopes">Whether scores fall with distance.</param>
    /// <param name="distance">From a row to the targets, in positions; <see cref="AnyDistance"/> is all targets.</param>
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
    /// <param name="dQ">Gradient of the queries, written; null where nobody needs it.</param>
    /// <param name="dQStride">Elements from a row of it to the next.</param>
    /// <param name="dK">Gradient of the keys, written; null where nobody needs it.</param>
    /// <param name="dKStride">Elements from a row of it to the next.</param>
    /// <param name="dV">Gradient of the values, written; null where nobody needs it.</param>
    /// <param name="dVStride">Elements from a row of it to the next.</param>
    public static void Backward<T>(
        WorkerPool pool, int batch, int context, int heads, int keyValueHeads, int headWidth, double scale, int window, bool slopes,
        int distance, T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output, long outputStride, T* logSumExp,
        T* outputGradient, long outputGradientStride, T* dQ, long dQStride, T* dK, long dKStride, T* dV, long dVStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shape = new AttentionShape(batch, context, heads, keyValueHeads, headWidth, scale);
        var scores = new GeneralScores<T>(heads, scale, window, slopes);
        long rows = (long)batch * context;
        int queryWidth = heads * headWidth;
        int keyWidth = keyValueHeads * headWidth;
        T* unused = Scratch.Take<T>(ScratchUse.UnusedGradients, rows * (queryWidth + 2L * keyWidth));
        Machine.Dispatch<T, CausalAttention.BackwardWork<T, GeneralScores<T>>>(new CausalAttention.BackwardWork<T, GeneralScores<T>>(
            pool, shape, scores, new HeadRows<T>(q, qStride), new HeadRows<T>(k, kStride), new HeadRows<T>(v, vStride),
            new HeadRows<T>(output, outputStride), logSumExp, new HeadRows<T>(outputGradient, outputGradientStride),
            dQ == null ? new HeadRows<T>(unused, queryWidth) : new HeadRows<T>(dQ, dQStride),
            dK == null ? new HeadRows<T>(unused + rows * queryWidth, keyWidth) : new HeadRows<T>(dK, dKStride),
            dV == null ? new HeadRows<T>(unused + rows * (queryWidth + keyWidth), keyWidth) : new HeadRows<T>(dV, dVStride)));
        if (distance != AnyDistance && (dK != null || dV != null))
        {
            // What the queries receive is right already; keys and values receive from nearer queries alone.
            pool.Run(
                new DistantGradients<T>(
                    shape, scores, distance, q, qStride, k, kStride, v, vStride, output, outputStride, logSumExp, outputGradient,
                    outputGradientStride, dK, dKStride, dV, dVStride), batch * keyValueHeads);
        }
    }
}
