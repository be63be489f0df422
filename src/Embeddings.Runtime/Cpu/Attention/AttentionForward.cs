using System.Numerics;
using System.Runtime.CompilerServices;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu.Attention;

/// <summary>
/// One head of one sequence a tile: for each block of queries, the blocks of keys one after the other with a running softmax
/// (arXiv 2205.14135): the largest score so far, the sum of exponentials, and the output scaled to them.
/// </summary>
internal readonly unsafe struct AttentionForward<T, TVector, TSimd, TTile, TScores>(
    AttentionShape shape, TScores policy, HeadRows<T> q, HeadRows<T> k, HeadRows<T> v, HeadRows<T> output, T* logSumExp) : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged
    where TSimd : struct, ISimd<T, TVector>
    where TTile : struct, ITile<T>
    where TScores : unmanaged, IAttentionScores<T>
{
    private static int Size => AttentionBlock<T, TVector, TSimd, TTile, TScores>.Size;

    /// <inheritdoc/>
    public void Run(int tile)
    {
        int head = tile % shape.Heads;
        long firstRow = (long)(tile / shape.Heads) * shape.Context;
        int keyValueOffset = head / shape.HeadsPerGroup * shape.HeadWidth;
        int width = ProductPlan.RoundUp(shape.HeadWidth, TTile.Columns);
        int paddedContext = ProductPlan.RoundUp(shape.Context, TTile.Columns);

        long keyElements = (long)paddedContext * shape.HeadWidth, valueElements = (long)width * shape.Context;
        T* keyPanels = Scratch.Take<T>(ScratchUse.Attention, keyElements + valueElements + Size * (Size + width + 2L));
        T* valuePanels = keyPanels + keyElements;
        T* scores = valuePanels + valueElements;
        T* sums = scores + Size * Size;
        T* largest = sums + Size * width;
        T* totals = largest + Size;

        AttentionPanels.Transposed<T, TTile>(shape, k.At(firstRow, keyValueOffset), k.Stride, keyPanels);
        AttentionPanels.Rows<T, TTile>(shape.Context, shape.HeadWidth, v.At(firstRow, keyValueOffset), v.Stride, valuePanels);
        for (int query = 0; query < shape.Context; query += Size)
        {
            int queries = Math.Min(Size, shape.Context - query);
            new Span<T>(largest, queries).Fill(T.NegativeInfinity);
            new Span<T>(totals, queries).Clear();
            T* left = q.At(firstRow + query, head * shape.HeadWidth);
            int start = policy.FirstKey(query) / Size * Size;
            for (int key = start; key < query + queries; key += Size)
            {
                var block = new AttentionBlock<T, TVector, TSimd, TTile, TScores>(
                    query, queries, key, Math.Min(Size, shape.Context - key), policy);
                block.Scores(shape.HeadWidth, left, q.Stride, keyPanels + (long)key * shape.HeadWidth, scores);
                for (int i = 0; i < queries; i++)
                {
                    Weigh(head, query + i, key, block.Hidden(i), block.Seen(i), scores + i * Size, largest + i, totals + i, sums + i * width, width);
                }

                block.Combine(
                    scores, valuePanels + key * TTile.Columns, (long)shape.Context * TTile.Columns, sums, width, key > start, whole: false);
            }

            Finish(sums, width, largest, totals, queries, firstRow + query, head);
        }
    }

    /// <summary>Writes the outputs, divided by their totals, and the log-sum-exp of a block of queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(T* sums, int width, T* largest, T* totals, int queries, long row, int head)
    {
        for (int i = 0; i < queries; i++)
        {
            T* source = sums + i * width;
            T factor = T.One / totals[i];
            TVector factors = TSimd.Broadcast(factor);
            T* target = output.At(row + i, head * shape.HeadWidth);
            int c = 0;
            for (; c <= shape.HeadWidth - TSimd.Lanes; c += TSimd.Lanes)
            {
                TSimd.Store(TSimd.Multiply(TSimd.Load(source + c), factors), target + c);
            }

            for (; c < shape.HeadWidth; c++)
            {
                target[c] = source[c] * factor;
            }
        }

        for (int i = 0; i < queries; i += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Add(TSimd.Load(largest + i), TSimd.Log(TSimd.Load(totals + i))), totals + i);
        }

        for (int i = 0; i < queries; i++)
        {
            logSumExp[(row + i) * shape.Heads + head] = totals[i];
        }
    }

    /// <summary>
    /// Puts e^(scale · score − largest) in place of a row's scores, zero where nothing is seen, and brings its sums to the new largest.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh(int head, int query, int key, int hidden, int seen, T* scores, T* largest, T* total, T* sums, int width)
    {
        int first = hidden / TSimd.Lanes * TSimd.Lanes;
        int end = ProductPlan.RoundUp(seen, TSimd.Lanes);
        if (hidden >= seen)
        {
            AttentionBlock<T, TVector, TSimd, TTile, TScores>.ClearUnseen(Size, Size, scores);
            return;
        }

        if (typeof(TScores) != typeof(PlainScores<T>))
        {
            policy.Adjust(head, query, key + hidden, seen - hidden, scores + hidden);
        }

        AttentionBlock<T, TVector, TSimd, TTile, TScores>.Mask(hidden, seen, first, end, scores);
        T scale = Lanes.Scalar<T>(shape.Scale);
        TVector most = TSimd.Load(scores + first);
        for (int j = first + TSimd.Lanes; j < end; j += TSimd.Lanes)
        {
            most = TSimd.Max(most, TSimd.Load(scores + j));
        }

        T before = *largest;
        T now = T.MaxNative(before, scale * TSimd.Largest(most));
        TVector scales = TSimd.Broadcast(scale);
        TVector shift = TSimd.Broadcast(-now);
        TVector added = default;
        for (int j = first; j < end; j += TSimd.Lanes)
        {
            TVector weight = TSimd.Exp(TSimd.MultiplyAdd(TSimd.Load(scores + j), scales, shift));
            TSimd.Store(weight, scores + j);
            added = TSimd.Add(added, weight);
        }

        AttentionBlock<T, TVector, TSimd, TTile, TScores>.ClearUnseen(first, end, scores);
        if (now > before)
        {
            TVector factor = TSimd.Exp(TSimd.Broadcast(before - now));
            *total = *total * TSimd.First(factor) + TSimd.Sum(added);
            *largest = now;
            for (int c = 0; c < width; c += TSimd.Lanes)
            {
                TSimd.Store(TSimd.Multiply(TSimd.Load(sums + c), factor), sums + c);
            }
        }
        else
        {
            *total += TSimd.Sum(added);
        }
    }
}
