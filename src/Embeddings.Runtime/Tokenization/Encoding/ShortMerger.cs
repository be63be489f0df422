using System.Numerics;
using System.Runtime.Intrinsics;

namespace Embeddings.Tokenization;

/// <summary>
/// Merges a short word: always the pair of lowest rank, the leftmost among equals. Symbols stay where their first byte is and one bit each says
/// which are left. A pair is one number, its rank above its place, so that the smallest of them, which vectors find without a branch, is the
/// pair to merge.
/// </summary>
internal static unsafe class ShortMerger
{
    /// <summary>Longest word, in bytes.</summary>
    public const int Longest = 64;

    private const int PlaceBits = 6;

    /// <summary>Merges a word.</summary>
    /// <param name="pairs">Says how early pairs merge.</param>
    /// <param name="word">Its bytes.</param>
    /// <param name="symbols">The ids of its bytes; receives the ids of the word.</param>
    /// <param name="count">Bytes, at most <see cref="Longest"/>.</param>
    /// <returns>Ids.</returns>
    public static int Merge<TRanks>(TRanks pairs, byte* word, int* symbols, int count)
        where TRanks : struct, IPairRanks
    {
        int* keys = stackalloc int[Longest];
        for (int i = 0; i + 1 < count; i++)
        {
            keys[i] = KeyOf(pairs.OfBytes(word + i), i);
        }

        int vectors = (count + Vector512<int>.Count - 1) / Vector512<int>.Count;
        for (int i = count - 1; i < vectors * Vector512<int>.Count; i++)
        {
            keys[i] = MergeTable.None;
        }

        ulong left = ulong.MaxValue >> (Longest - count);
        for (int best; (best = Smallest(keys, vectors)) != MergeTable.None;)
        {
            int place = best & (Longest - 1);
            int id = pairs.IdOf(best >> PlaceBits);
            symbols[place] = id;
            ulong behind = left & (ulong.MaxValue << 1 << place);
            int taken = BitOperations.TrailingZeroCount(behind);
            left ^= 1UL << taken;
            keys[taken] = MergeTable.None;
            behind &= behind - 1;
            keys[place] = behind == 0
                ? MergeTable.None
                : KeyOf(pairs.Of(id, symbols[BitOperations.TrailingZeroCount(behind)], place), place);
            ulong before = left & ((1UL << place) - 1);
            if (before != 0)
            {
                int previous = BitOperations.Log2(before);
                keys[previous] = KeyOf(pairs.Of(symbols[previous], id, previous), previous);
            }
        }

        int written = 0;
        for (; left != 0; left &= left - 1)
        {
            symbols[written++] = symbols[BitOperations.TrailingZeroCount(left)];
        }

        return written;
    }

    private static int KeyOf(int rank, int place) => rank == MergeTable.None ? MergeTable.None : rank << PlaceBits | place;

    private static int Smallest(int* keys, int vectors)
    {
        Vector512<int> smallest = Vector512.Load(keys);
        for (int i = 1; i < vectors; i++)
        {
            smallest = Vector512.Min(smallest, Vector512.Load(keys + i * Vector512<int>.Count));
        }

        Vector256<int> half = Vector256.Min(smallest.GetLower(), smallest.GetUpper());
        Vector128<int> quarter = Vector128.Min(half.GetLower(), half.GetUpper());
        quarter = Vector128.Min(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        return Math.Min(quarter[0], quarter[1]);
    }
}
