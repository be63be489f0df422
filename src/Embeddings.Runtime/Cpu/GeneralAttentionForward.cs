using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>One head of one sequence a tile.</summary>
internal readonly unsafe struct GeneralAttentionForward<T>(
    GeneralAttentionShape shape, T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output, long outputStride, T* logSumExp)
    : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int tile)
    {
        int head = tile % shape.Heads;
        long firstRow = (long)(tile / shape.Heads) * shape.Context;
        int width = shape.HeadWidth;
        T scale = Lanes.Scalar<T>(shape.Scale);
        T slope = Lanes.Scalar<T>(shape.Slope(head));
        T* keys = k + firstRow * kStride + head / shape.HeadsPerGroup * width;
        T* values = v + firstRow * vStride + head / shape.HeadsPerGroup * width;
        T* scores = Scratch.Take<T>(ScratchUse.Attention, shape.Context);
        for (int t = 0; t < shape.Context; t++)
        {
            T* query = q + (firstRow + t) * qStride + head * width;
            int first = shape.First(t);
            for (int s = first; s <= t; s++)
            {
                scores[s] = scale * RowLoops.Dot(width, query, keys + s * kStride) - slope * T.CreateTruncating(t - s);
            }

            int count = t + 1 - first;
            T largest = RowLoops.Largest(count, scores + first);
            T sum = RowLoops.Exponentials(count, scores + first, largest);
            T* target = output + (firstRow + t) * outputStride + head * width;
            new Span<T>(target, width).Clear();
            for (int s = first; s <= t; s++)
            {
                RowLoops.AddScaled(width, scores[s] / sum, values + s * vStride, target);
            }

            if (logSumExp != null)
            {
                logSumExp[(firstRow + t) * shape.Heads + head] = largest + T.Log(sum);
            }
        }
    }
}
