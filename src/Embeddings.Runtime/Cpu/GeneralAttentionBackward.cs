using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>One key-value head of one sequence a tile, with all query heads that share it.</summary>
internal readonly unsafe struct GeneralAttentionBackward<T>(
    GeneralAttentionShape shape, int distance, T* q, long qStride, T* k, long kStride, T* v, long vStride, T* output, long outputStride,
    T* logSumExp, T* outputGradient, long outputGradientStride, T* dQ, long dQStride, T* dK, long dKStride, T* dV, long dVStride)
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
        for (int head = group * shape.HeadsPerGroup; head < (group + 1) * shape.HeadsPerGroup; head++)
        {
            for (int t = 0; t < shape.Context; t++)
            {
                Queries(firstRow, t, head, group);
                KeysAndValues(firstRow, t, head, group);
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

    /// <summary>The query at t receives from every key that it sees.</summary>
    private void Queries(long firstRow, int t, int head, int group)
    {
        if (dQ == null)
        {
            return;
        }

        int width = shape.HeadWidth;
        T* gradient = OutputGradient(firstRow + t, head, 0);
        T* target = dQ + (firstRow + t) * dQStride + head * width;
        T delta = RowLoops.Dot(width, gradient, output + (firstRow + t) * outputStride + head * width);
        new Span<T>(target, width).Clear();
        for (int s = shape.First(t); s <= t; s++)
        {
            T scoreGradient = ScoreGradient(firstRow, t, s, head, group, gradient, delta, Probability(firstRow, t, s, head, group));
            RowLoops.AddScaled(width, scoreGradient, Key(firstRow + s, group), target);
        }
    }

    /// <summary>Keys and values that the query at t sees receive from it, each what its own distance to the query leaves.</summary>
    private void KeysAndValues(long firstRow, int t, int head, int group)
    {
        if (dK == null && dV == null)
        {
            return;
        }

        int width = shape.HeadWidth;
        int nearest = distance == GeneralAttention.AnyDistance ? 0 : Math.Max(0, t - distance);
        T* query = q + (firstRow + t) * qStride + head * width;
        T* attended = output + (firstRow + t) * outputStride + head * width;
        for (int s = Math.Max(nearest, shape.First(t)); s <= t; s++)
        {
            T* gradient = OutputGradient(firstRow + t, head, distance == GeneralAttention.AnyDistance ? 0 : t - s);
            T probability = Probability(firstRow, t, s, head, group);
            if (dV != null)
            {
                RowLoops.AddScaled(width, probability, gradient, dV + (firstRow + s) * dVStride + group * width);
            }

            if (dK != null)
            {
                T delta = RowLoops.Dot(width, gradient, attended);
                T scoreGradient = ScoreGradient(firstRow, t, s, head, group, gradient, delta, probability);
                RowLoops.AddScaled(width, scoreGradient, query, dK + (firstRow + s) * dKStride + group * width);
            }
        }
    }

    /// <summary>The gradient of the output for the targets that are <paramref name="nearer"/> positions nearer than the distance.</summary>
    private T* OutputGradient(long row, int head, int nearer) =>
        outputGradient + row * outputGradientStride - (long)nearer * shape.Heads * shape.HeadWidth + head * shape.HeadWidth;

    private T* Key(long row, int group) => k + row * kStride + group * shape.HeadWidth;

    private T Probability(long firstRow, int t, int s, int head, int group)
    {
        T* query = q + (firstRow + t) * qStride + head * shape.HeadWidth;
        T score = Lanes.Scalar<T>(shape.Scale) * RowLoops.Dot(shape.HeadWidth, query, Key(firstRow + s, group))
            - Lanes.Scalar<T>(shape.Slope(head)) * T.CreateTruncating(t - s);
        return Lanes.Exp(score - logSumExp[(firstRow + t) * shape.Heads + head]);
    }

    private T ScoreGradient(long firstRow, int t, int s, int head, int group, T* gradient, T delta, T probability)
    {
        T* value = v + (firstRow + s) * vStride + group * shape.HeadWidth;
        return probability * (RowLoops.Dot(shape.HeadWidth, gradient, value) - delta) * Lanes.Scalar<T>(shape.Scale);
    }
}
