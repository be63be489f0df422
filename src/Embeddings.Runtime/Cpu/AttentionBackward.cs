using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>One key-value head of one sequence a tile, with all query heads that share it.</summary>
internal readonly unsafe struct AttentionBackward<T>(
    AttentionShape shape, int keyValueHeads, T scale, T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output,
    long outputStride, T* logSumExp, T* outputGradient, long outputGradientStride, T* dQ, long dQStride, T* dK, long dKStride, T* dV,
    long dVStride) : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int tile)
    {
        int group = tile % keyValueHeads;
        long firstRow = (long)(tile / keyValueHeads) * shape.Context;
        int width = shape.HeadWidth;
        for (int s = 0; s < shape.Context; s++)
        {
            new Span<T>(dK + (firstRow + s) * dKStride + group * width, width).Clear();
            new Span<T>(dV + (firstRow + s) * dVStride + group * width, width).Clear();
        }

        for (int head = group * shape.HeadsPerGroup; head < (group + 1) * shape.HeadsPerGroup; head++)
        {
            for (int t = 0; t < shape.Context; t++)
            {
                Row(firstRow, t, head, group);
            }
        }
    }

    private void Row(long firstRow, int t, int head, int group)
    {
        int width = shape.HeadWidth;
        long row = firstRow + t;
        T* query = q + row * qStride + head * width;
        T* gradient = outputGradient + row * outputGradientStride + head * width;
        T* queryGradient = dQ + row * dQStride + head * width;
        T delta = RowLoops.Dot(width, gradient, output + row * outputStride + head * width);
        T logSum = logSumExp[row * shape.Heads + head];
        new Span<T>(queryGradient, width).Clear();
        for (int s = 0; s <= t; s++)
        {
            T* key = k + (firstRow + s) * kStride + group * width;
            T* value = v + (firstRow + s) * vStride + group * width;
            T probability = Lanes.Exp(scale * RowLoops.Dot(width, query, key) - logSum);
            T scoreGradient = probability * (RowLoops.Dot(width, gradient, value) - delta) * scale;
            RowLoops.AddScaled(width, probability, gradient, dV + (firstRow + s) * dVStride + group * width);
            RowLoops.AddScaled(width, scoreGradient, key, queryGradient);
            RowLoops.AddScaled(width, scoreGradient, query, dK + (firstRow + s) * dKStride + group * width);
        }
    }
}
