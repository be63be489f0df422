using System.Numerics;
using System.Runtime.CompilerServices;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu.Attention;

/// <summary>
/// One key-value head of one sequence a tile, with all query heads that share it. For each block of queries and each block of keys that
/// it sees: the probabilities P again from the scores and the log-sum-exp, dP = dO · Vᵀ, dS = P ∘ (dP − rowsum(dO ∘ O)), and from these
/// dV += Pᵀ · dO, dQ += dS · K, dK += dSᵀ · Q.
/// </summary>
internal readonly unsafe struct AttentionBackward<T, TVector, TSimd, TTile, TScores>(
    AttentionShape shape, TScores policy, HeadRows<T> q, HeadRows<T> k, HeadRows<T> v, HeadRows<T> output, T* logSumExp,
    HeadRows<T> outputGradient, HeadRows<T> dQ, HeadRows<T> dK, HeadRows<T> dV) : ITileKernel
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
        int group = tile % shape.KeyValueHeads;
        long firstRow = (long)(tile / shape.KeyValueHeads) * shape.Context;
        int offset = group * shape.HeadWidth;
        int width = ProductPlan.RoundUp(shape.HeadWidth, TTile.Columns);

        long transposed = (long)ProductPlan.RoundUp(shape.Context, TTile.Columns) * shape.HeadWidth;
        long rows = (long)ProductPlan.RoundUp(shape.Context, TTile.Rows) * width;
        T* keyColumns = Scratch.Take<T>(ScratchUse.Attention, 2 * transposed + 3 * rows + Size * (2L * Size + 3L * width + 1));
        var memory = new Memory
        {
            Width = width,
            KeyColumns = keyColumns,
            ValueColumns = keyColumns + transposed,
            KeyRows = keyColumns + 2 * transposed,
            KeyGradients = keyColumns + 2 * transposed + rows,
            ValueGradients = keyColumns + 2 * transposed + 2 * rows,
        };
        memory.Probabilities = memory.ValueGradients + rows;
        memory.ScoreGradients = memory.Probabilities + Size * Size;
        memory.QueryRows = memory.ScoreGradients + Size * Size;
        memory.OutputGradientRows = memory.QueryRows + Size * width;
        memory.QueryGradients = memory.OutputGradientRows + Size * width;
        memory.Deltas = memory.QueryGradients + Size * width;

        AttentionPanels.Transposed<T, TTile>(shape, k.At(firstRow, offset), k.Stride, memory.KeyColumns);
        AttentionPanels.Transposed<T, TTile>(shape, v.At(firstRow, offset), v.Stride, memory.ValueColumns);
        AttentionPanels.Rows<T, TTile>(shape.Context, shape.HeadWidth, k.At(firstRow, offset), k.Stride, memory.KeyRows);
        new Span<T>(memory.KeyGradients, checked((int)(2 * rows))).Clear();
        for (int head = group * shape.HeadsPerGroup; head < (group + 1) * shape.HeadsPerGroup; head++)
        {
            for (int query = 0; query < shape.Context; query += Size)
            {
                Queries(memory, firstRow, query, Math.Min(Size, shape.Context - query), head);
            }
        }

        CopyRows(memory.KeyGradients, shape.Context, width, dK.At(firstRow, offset), dK.Stride);
        CopyRows(memory.ValueGradients, shape.Context, width, dV.At(firstRow, offset), dV.Stride);
    }

    /// <summary>One block of queries of one head against every key that it sees.</summary>
    private void Queries(in Memory memory, long firstRow, int query, int queries, int head)
    {
        int offset = head * shape.HeadWidth;
        int width = memory.Width;
        long row = firstRow + query;
        T* left = q.At(row, offset);
        T* gradient = outputGradient.At(row, offset);
        AttentionPanels.Rows<T, TTile>(queries, shape.HeadWidth, left, q.Stride, memory.QueryRows);
        AttentionPanels.Rows<T, TTile>(queries, shape.HeadWidth, gradient, outputGradient.Stride, memory.OutputGradientRows);
        for (int i = 0; i < queries; i++)
        {
            memory.Deltas[i] = RowLoops.Dot(shape.HeadWidth, gradient + i * outputGradient.Stride, output.At(row + i, offset));
        }

        int start = policy.FirstKey(query) / Size * Size;
        for (int key = start; key < query + queries; key += Size)
        {
            var block = new AttentionBlock<T, TVector, TSimd, TTile, TScores>(
                query, queries, key, Math.Min(Size, shape.Context - key), policy);
            block.Scores(shape.HeadWidth, left, q.Stride, memory.KeyColumns + (long)key * shape.HeadWidth, memory.Probabilities);
            block.Scores(
                shape.HeadWidth, gradient, outputGradient.Stride, memory.ValueColumns + (long)key * shape.HeadWidth, memory.ScoreGradients);
            for (int i = 0; i < queries; i++)
            {
                Differentiate(
                    head, query + i, key, block.Hidden(i), block.Seen(i), logSumExp[(row + i) * shape.Heads + head], memory.Deltas[i],
                    memory.Probabilities + i * Size, memory.ScoreGradients + i * Size);
            }

            long queryPanel = (long)queries * TTile.Columns;
            block.CombineTransposed(memory.Probabilities, memory.OutputGradientRows, queryPanel, memory.ValueGradients + (long)key * width, width);
            block.CombineTransposed(memory.ScoreGradients, memory.QueryRows, queryPanel, memory.KeyGradients + (long)key * width, width);
            block.Combine(
                memory.ScoreGradients, memory.KeyRows + key * TTile.Columns, (long)shape.Context * TTile.Columns, memory.QueryGradients,
                width, key > start, whole: true);
        }

        CopyRows(memory.QueryGradients, queries, width, dQ.At(row, offset), dQ.Stride);
    }

    /// <summary>Puts P in place of a row's scores, and scale · dS in place of its dP; both zero where nothing is seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(
        int head, int query, int key, int hidden, int seen, T logSum, T delta, T* probabilities, T* gradients)
    {
        if (typeof(TScores) != typeof(PlainScores<T>) && hidden < seen)
        {
            policy.Adjust(head, query, key + hidden, seen - hidden, probabilities + hidden);
        }

        int first = hidden / TSimd.Lanes * TSimd.Lanes;
        int end = Math.Max(first, ProductPlan.RoundUp(seen, TSimd.Lanes));
        AttentionBlock<T, TVector, TSimd, TTile, TScores>.Mask(hidden, seen, first, end, probabilities);
        TVector scales = TSimd.Broadcast(Lanes.Scalar<T>(shape.Scale));
        TVector shift = TSimd.Broadcast(-logSum);
        TVector deltas = TSimd.Broadcast(delta);
        for (int j = first; j < end; j += TSimd.Lanes)
        {
            TVector probability = TSimd.Exp(TSimd.MultiplyAdd(TSimd.Load(probabilities + j), scales, shift));
            TSimd.Store(probability, probabilities + j);
            TVector slope = TSimd.Multiply(TSimd.Subtract(TSimd.Load(gradients + j), deltas), scales);
            TSimd.Store(TSimd.Multiply(slope, probability), gradients + j);
        }

        AttentionBlock<T, TVector, TSimd, TTile, TScores>.ClearUnseen(first, end, probabilities);
        AttentionBlock<T, TVector, TSimd, TTile, TScores>.ClearUnseen(first, end, gradients);
    }

    private void CopyRows(T* source, int rows, int width, T* target, long stride)
    {
        for (int row = 0; row < rows; row++)
        {
            new Span<T>(source + (long)row * width, shape.HeadWidth).CopyTo(new Span<T>(target + row * stride, shape.HeadWidth));
        }
    }

    /// <summary>Working memory of a tile.</summary>
    private struct Memory
    {
        /// <summary>D, padded to whole panels.</summary>
        public int Width;

        /// <summary>Keys, packed [panel, D, Columns].</summary>
        public T* KeyColumns;

        /// <summary>Values, packed [panel, D, Columns].</summary>
        public T* ValueColumns;

        /// <summary>Keys, packed [panel, T, Columns].</summary>
        public T* KeyRows;

        /// <summary>Sums of dK, [T, Width].</summary>
        public T* KeyGradients;

        /// <summary>Sums of dV, [T, Width].</summary>
        public T* ValueGradients;

        /// <summary>Scores of a block, then P.</summary>
        public T* Probabilities;

        /// <summary>dP of a block, then dS.</summary>
        public T* ScoreGradients;

        /// <summary>Queries of a block, packed [panel, queries, Columns].</summary>
        public T* QueryRows;

        /// <summary>Output gradients of a block, packed [panel, queries, Columns].</summary>
        public T* OutputGradientRows;

        /// <summary>Sums of dQ of a block, [queries, Width].</summary>
        public T* QueryGradients;

        /// <summary>rowsum(dO ∘ O) of a block.</summary>
        public T* Deltas;
    }
}
