using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Cpu.Products;

/// <summary>
/// Copies a stretch of a factor into panels, in which a product's innermost loop reads one element after the other.
/// </summary>
internal static unsafe class Packing
{
    private const int Square = 8;
    private const int CacheLine = 64;

    /// <summary>Rows that are asked for before they are copied: rows far apart are no stream that the processor follows by itself.</summary>
    private const int RowsAhead = 12;

    /// <summary>What is asked for of a row before it is transposed: sixteen rows at once are more streams than the processor follows.</summary>
    private const int BytesAhead = 256;

    /// <summary>
    /// target[p · width + j] = source[j · widthStride + p · depthStride] for p &lt; depth, and 0 for valid ≤ j &lt; width. One of the
    /// strides is 1.
    /// </summary>
    public static void Panel<T>(T* target, int width, int valid, int depth, T* source, long widthStride, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (widthStride == 1)
        {
            Rows(target, width, valid, depth, source, depthStride);
        }
        else
        {
            if (valid < width)
            {
                new Span<T>(target, width * depth).Clear();
            }

            Transpose(target, width, valid, depth, source, widthStride, depthStride);
        }
    }

    /// <summary>target[p · width + j] = source[j + p · depthStride] for p &lt; depth, and 0 for valid ≤ j &lt; width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<T>(T* target, int width, int valid, int depth, T* source, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int wide = Vector512.IsHardwareAccelerated ? valid / Vector512<T>.Count * Vector512<T>.Count : 0;
        int whole = valid / Vector256<T>.Count * Vector256<T>.Count;
        for (int p = 0; p < depth; p++)
        {
            int j = 0;
            for (; j < wide; j += Vector512<T>.Count)
            {
                Vector512.Load(source + j).Store(target + j);
            }

            for (; j < whole; j += Vector256<T>.Count)
            {
                Vector256.Load(source + j).Store(target + j);
            }

            for (; j < valid; j++)
            {
                target[j] = source[j];
            }

            for (; j < width; j++)
            {
                target[j] = T.Zero;
            }

            target += width;
            source += depthStride;
        }
    }

    /// <summary>
    /// Rows for which a panel of <see cref="Panels"/> has room: a cache line's worth more than it holds, for panels a power of two apart
    /// would all lie in the same few places of the cache, and writing them side by side would evict each line before it is full.
    /// </summary>
    public static int Room(int depth) => depth + 2;

    /// <summary>
    /// Several panels side by side, each source row read once: panel q holds target[q · width · room + p · width + j] =
    /// source[q · width + j + p · depthStride], 0 behind the last of <paramref name="count"/> elements; see <see cref="Room"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels<T>(T* target, int width, int count, int depth, T* source, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int whole = width == Square ? count / Square * Square : 0;
        long panel = (long)width * Room(depth);
        for (int p = 0; p < depth; p++)
        {
            T* from = source + p * depthStride;
            if (Sse.IsSupported)
            {
                for (int j = 0; j < whole; j += CacheLine / sizeof(T))
                {
                    Sse.Prefetch0(from + RowsAhead * depthStride + j);
                }
            }

            T* to = target + p * (long)width;
            for (int j = 0; j < whole; j += Square)
            {
                CopySquareRow(from + j, to);
                to += panel;
            }
        }

        for (int j = whole; j < count; j += width)
        {
            Panel(target + (long)j * Room(depth), width, Math.Min(width, count - j), depth, source + j, 1, depthStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopySquareRow<T>(T* source, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (sizeof(T) == sizeof(float))
        {
            Vector256.Load(source).Store(target);
        }
        else
        {
            Vector512.Load(source).Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* target, int width, int valid, int depth, T* source, long widthStride, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int wholeWidth = 0;
        int wholeDepth = 0;
        if (typeof(T) == typeof(float) && Avx.IsSupported && depthStride == 1)
        {
            wholeWidth = valid / Square * Square;
            wholeDepth = depth / Square * Square;
            for (int j = 0; j < wholeWidth; j += 2 * Square)
            {
                // Cache lines of both sides hold two squares' rows: both are moved while the line is near.
                int end = Math.Min(j + 2 * Square, wholeWidth);
                for (int p = 0; p < wholeDepth; p += Square)
                {
                    if (p % (2 * Square) == 0)
                    {
                        for (int column = j; column < end; column++)
                        {
                            Sse.Prefetch0(source + column * widthStride + p + BytesAhead / sizeof(T));
                        }
                    }

                    for (int column = j; column < end; column += Square)
                    {
                        TransposeSquare(
                            (float*)(source + column * widthStride + p), widthStride, (float*)(target + p * (long)width + column), width);
                    }
                }
            }
        }

        for (int j = 0; j < valid; j++)
        {
            int start = j < wholeWidth ? wholeDepth : 0;
            T* from = source + j * widthStride + start * depthStride;
            T* to = target + j + start * (long)width;
            for (int p = start; p < depth; p++)
            {
                *to = *from;
                to += width;
                from += depthStride;
            }
        }
    }

    /// <summary>target[i, j] = source[j, i] of 8 × 8 elements: pairs, then fours, then halves of rows change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeSquare(float* source, long sourceStride, float* target, long targetStride)
    {
        float* lower = source + 4 * sourceStride;
        Vector256<float> r0 = Vector256.Load(source), r1 = Vector256.Load(source + sourceStride);
        Vector256<float> r2 = Vector256.Load(source + 2 * sourceStride), r3 = Vector256.Load(source + 3 * sourceStride);
        Vector256<float> r4 = Vector256.Load(lower), r5 = Vector256.Load(lower + sourceStride);
        Vector256<float> r6 = Vector256.Load(lower + 2 * sourceStride), r7 = Vector256.Load(lower + 3 * sourceStride);

        Vector256<float> p0 = Avx.UnpackLow(r0, r1), p1 = Avx.UnpackHigh(r0, r1), p2 = Avx.UnpackLow(r2, r3), p3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> p4 = Avx.UnpackLow(r4, r5), p5 = Avx.UnpackHigh(r4, r5), p6 = Avx.UnpackLow(r6, r7), p7 = Avx.UnpackHigh(r6, r7);

        const byte LowPairs = 0x44, HighPairs = 0xEE, LowHalves = 0x20, HighHalves = 0x31;
        Vector256<float> q0 = Avx.Shuffle(p0, p2, LowPairs), q1 = Avx.Shuffle(p0, p2, HighPairs);
        Vector256<float> q2 = Avx.Shuffle(p1, p3, LowPairs), q3 = Avx.Shuffle(p1, p3, HighPairs);
        Vector256<float> q4 = Avx.Shuffle(p4, p6, LowPairs), q5 = Avx.Shuffle(p4, p6, HighPairs);
        Vector256<float> q6 = Avx.Shuffle(p5, p7, LowPairs), q7 = Avx.Shuffle(p5, p7, HighPairs);

        float* further = target + 4 * targetStride;
        Avx.Permute2x128(q0, q4, LowHalves).Store(target);
        Avx.Permute2x128(q1, q5, LowHalves).Store(target + targetStride);
        Avx.Permute2x128(q2, q6, LowHalves).Store(target + 2 * targetStride);
        Avx.Permute2x128(q3, q7, LowHalves).Store(target + 3 * targetStride);
        Avx.Permute2x128(q0, q4, HighHalves).Store(further);
        Avx.Permute2x128(q1, q5, HighHalves).Store(further + targetStride);
        Avx.Permute2x128(q2, q6, HighHalves).Store(further + 2 * targetStride);
        Avx.Permute2x128(q3, q7, HighHalves).Store(further + 3 * targetStride);
    }
}
