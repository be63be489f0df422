using System.Numerics;

namespace Embeddings.Cpu.Attention;

/// <summary>
/// Gradients of keys and values for targets at one distance d, one key-value head of one sequence a tile: a key at s receives from the
/// queries at s … s + d, from each what its output received for targets that are nearer to it by what lies between. See
/// <see cref="GeneralAttention.Backward{T}"/>.
/// </summary>
internal readonly unsafe struct DistantGradients<T>(
    AttentionShape shape, GeneralScores<T> scores, int distance, T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output,
    long outputStride, T* logSumExp, T* outputGradient, long outputGradientStride, T* dK, long dKStride, T* dV, long dVStride)
    : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int tile)
    {
        int group = tile % shape.KeyValueHeads;
        long firstRow = (long)(tile / shape.KeyValueHeads) * shape.Context;
        Clear(dK, dKStride, firstRow, group);
        Clear(dV, dVStride, firstRow, group);
        int headsPerGroup = shape.Heads / shape.KeyValueHeads;
        for (int head = group * headsPerGroup; head < (group + 1) * headsPerGroup; head++)
        {
            for (int t = 0; t < shape.Context; t++)
            {
                Query(firstRow, t, head, group);
            }
        }
    }

    private void Clear(T* gradient, long stride, long firstRow, int group)
    {
        if (gradient != null)
        {
            for (int s = 0; s < shape.Context; s++)
            {
                new Span<T>(gradient + (firstRow + s) * stride + group * shape.HeadWidth, shape.HeadWidth).Clear();
            }
        }
    }

    /// <summary>What the query at t gives to the keys and values that are near enough.</summary>
    private void Query(long firstRow, int t, int head, int group)
    {
        int width = shape.HeadWidth;
        T scale = Lanes.Scalar<T>(shape.Scale);
        T* query = q + (firstRow + t) * qStride + head * width;
        T* attended = output + (firstRow + t) * outputStride + head * width;
        T logSum = logSumExp[(firstRow + t) * shape.Heads + head];
        for (int s = Math.Max(Math.Max(0, t - distance), scores.FirstKey(t)); s <= t; s++)
        {
            // For targets at distance d − (t − s) from the query, which are at distance d from the key.
            T* gradient = outputGradient + (firstRow + t) * outputGradientStride - (long)(t - s) * shape.Heads * width + head * width;
            T score = scale * RowLoops.Dot(width, query, k + (firstRow + s) * kStride + group * width)
                - Lanes.Scalar<T>(scores.Slope(head) * (t - s));
            T probability = Lanes.Exp(score - logSum);
            if (dV != null)
            {
                RowLoops.AddScaled(width, probability, gradient, dV + (firstRow + s) * dVStride + group * width);
            }

            if (dK != null)
            {
                T received = RowLoops.Dot(width, gradient, v + (firstRow + s) * vStride + group * width);
                T scoreGradient = probability * (received - RowLoops.Dot(width, gradient, attended)) * scale;
                RowLoops.AddScaled(width, scoreGradient, query, dK + (firstRow + s) * dKStride + group * width);
            }
        }
    }
}
