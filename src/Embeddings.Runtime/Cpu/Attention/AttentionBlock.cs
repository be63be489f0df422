using System.Numerics;
using System.Runtime.CompilerServices;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu.Attention;

/// <summary>
/// A block of queries against a block of keys: row i of the block is query <c>Query + i</c>, column j is key <c>Key + j</c>, and a score
/// stands at <c>scores[i · Size + j]</c>. Query i sees columns <c>Hidden(i) … Seen(i) − 1</c>; register tiles without such a column are
/// skipped.
/// </summary>
/// <param name="query">Position of the first query.</param>
/// <param name="queries">Queries.</param>
/// <param name="key">Position of the first key.</param>
/// <param name="keys">Keys.</param>
/// <param name="policy">Which keys are seen.</param>
internal readonly unsafe struct AttentionBlock<T, TVector, TSimd, TTile, TScores>(int query, int queries, int key, int keys, TScores policy)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged
    where TSimd : struct, ISimd<T, TVector>
    where TTile : struct, ITile<T>
    where TScores : unmanaged, IAttentionScores<T>
{
    private const int WantedSize = 64;

    /// <summary>Queries and keys of a full block: divided by the rows and the columns of a register tile.</summary>
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int unit = TTile.Columns % TTile.Rows == 0 ? TTile.Columns : TTile.Columns * TTile.Rows / 2;
            unit = unit % TTile.Rows == 0 ? unit : TTile.Columns * TTile.Rows;
            return ProductPlan.RoundUp(WantedSize, unit);
        }
    }

    /// <summary>The first column that a row sees, at most the number of keys.</summary>
    public int Hidden(int row) => Math.Clamp(policy.FirstKey(query + row) - key, 0, keys);

    /// <summary>The column after the last one that a row sees.</summary>
    public int Seen(int row) => Math.Clamp(query + row + 1 - key, 0, keys);

    /// <summary>scores[i, j] = left[i] · key[j] for every register tile in which anything is seen.</summary>
    /// <param name="width">D.</param>
    /// <param name="left">Rows of queries.</param>
    /// <param name="leftStride">Elements from a row to the next.</param>
    /// <param name="panels">Keys, packed: [panel, D, TTile.Columns].</param>
    /// <param name="scores">Receives the scores.</param>
    public void Scores(int width, T* left, long leftStride, T* panels, T* scores)
    {
        for (int j = 0; j < keys; j += TTile.Columns)
        {
            int first = Math.Max(0, key + j - query) / TTile.Rows * TTile.Rows;
            for (int i = first; i < queries && policy.FirstKey(query + i) < key + j + TTile.Columns; i += TTile.Rows)
            {
                TTile.Run(
                    width, left + i * leftStride, leftStride, 1, Math.Min(TTile.Rows, queries - i), panels + (long)j * width,
                    scores + i * Size + j, Size, false);
            }
        }
    }

    /// <summary>sums[i] (+)= Σ_j weights[i, j] · rows[j] over the columns that all rows of a register tile may read.</summary>
    /// <param name="weights">Zero where nothing is seen.</param>
    /// <param name="panels">Rows of keys or values, packed: [panel, all keys, TTile.Columns], from this block's first on.</param>
    /// <param name="panelElements">Elements of a panel.</param>
    /// <param name="sums">[queries, width].</param>
    /// <param name="width">Padded D.</param>
    /// <param name="accumulate">Adds instead of writing.</param>
    /// <param name="whole">
    /// Reads up to the last column that the last row of a tile sees; otherwise only to that of the first row, and the triangle behind it
    /// is added by rows, so that a row never touches what it does not see, not even times zero.
    /// </param>
    public void Combine(T* weights, T* panels, long panelElements, T* sums, int width, bool accumulate, bool whole)
    {
        for (int i = 0; i < queries; i += TTile.Rows)
        {
            int rows = Math.Min(TTile.Rows, queries - i);
            int start = Hidden(i);
            int end = Math.Max(start, Seen(whole ? i + rows - 1 : i));
            for (int column = 0; column < width; column += TTile.Columns)
            {
                T* panel = panels + column / TTile.Columns * panelElements;
                T* to = sums + (long)i * width + column;
                TTile.Run(end - start, weights + i * Size + start, Size, 1, rows, panel + start * TTile.Columns, to, width, accumulate);
                for (int row = 1; !whole && row < rows; row++)
                {
                    for (int j = end; j < Seen(i + row); j++)
                    {
                        AddScaled(weights[(i + row) * Size + j], panel + j * TTile.Columns, to + row * width);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Hides from a row of scores what is not seen, over the whole vectors from <paramref name="first"/> to <paramref name="end"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mask(int hidden, int seen, int first, int end, T* scores)
    {
        if (seen < end)
        {
            T* last = scores + end - TSimd.Lanes;
            TSimd.Store(TSimd.Before(seen - end + TSimd.Lanes, TSimd.Load(last), T.NegativeInfinity), last);
        }

        for (int j = first; j < hidden; j++)
        {
            scores[j] = T.NegativeInfinity;
        }
    }

    /// <summary>Zeroes what register tiles may read of a row's weights before <paramref name="first"/> and from <paramref name="end"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ClearUnseen(int first, int end, T* weights)
    {
        for (int j = 0; j < first; j += TSimd.Lanes)
        {
            TSimd.Store(default, weights + j);
        }

        int last = Math.Min(end + ProductPlan.RoundUp(TTile.Rows, TSimd.Lanes), Size);
        for (int j = end; j < last; j += TSimd.Lanes)
        {
            TSimd.Store(default, weights + j);
        }
    }

    /// <summary>sums[j] += Σ_i weights[i, j] · rows[i] over the rows that see any column of a register tile.</summary>
    /// <param name="weights">Zero where nothing is seen.</param>
    /// <param name="panels">Rows of queries or of output gradients, packed: [panel, queries, TTile.Columns].</param>
    /// <param name="panelElements">Elements of a panel.</param>
    /// <param name="sums">[keys, width], from this block's first key on.</param>
    /// <param name="width">Padded D.</param>
    public void CombineTransposed(T* weights, T* panels, long panelElements, T* sums, int width)
    {
        for (int j = 0; j < keys; j += TTile.Rows)
        {
            int start = Math.Max(0, key + j - query);
            if (start >= queries)
            {
                return;
            }

            for (int column = 0; column < width; column += TTile.Columns)
            {
                TTile.Run(
                    queries - start, weights + start * Size + j, 1, Size, Math.Min(TTile.Rows, keys - j),
                    panels + column / TTile.Columns * panelElements + start * TTile.Columns, sums + (long)j * width + column, width, true);
            }
        }
    }

    /// <summary>target[c] += factor · source[c] over the columns of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled(T factor, T* source, T* target)
    {
        TVector factors = TSimd.Broadcast(factor);
        for (int c = 0; c < TTile.Columns; c += TSimd.Lanes)
        {
            TSimd.Store(TSimd.MultiplyAdd(factors, TSimd.Load(source + c), TSimd.Load(target + c)), target + c);
        }
    }
}
