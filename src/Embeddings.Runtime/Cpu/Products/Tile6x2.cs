using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Cpu.Products;

/// <summary>
/// 6 rows × 2 registers: 12 sums, 2 registers of the right factor and one of the left fill the 16 registers of AVX2 and SSE.
/// </summary>
internal readonly unsafe struct Tile6x2<T, TVector, TSimd> : ITile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : ISimd<T, TVector>
{
    public static int Rows => 6;

    public static int Columns => 2 * TSimd.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        int depth, T* a, long aRowStride, long aColumnStride, int aRows, T* b, T* c, long cStride, bool accumulate)
    {
        int last = aRows - 1;
        T* a0 = a;
        T* a1 = a + Math.Min(1, last) * aRowStride;
        T* a2 = a + Math.Min(2, last) * aRowStride;
        T* a3 = a + Math.Min(3, last) * aRowStride;
        T* a4 = a + Math.Min(4, last) * aRowStride;
        T* a5 = a + Math.Min(5, last) * aRowStride;

        TVector c00 = default, c01 = default;
        TVector c10 = default, c11 = default;
        TVector c20 = default, c21 = default;
        TVector c30 = default, c31 = default;
        TVector c40 = default, c41 = default;
        TVector c50 = default, c51 = default;

        Prefetch(c, cStride);
        nint step = (nint)aColumnStride;
        nint at = 0;
        for (int p = depth; p > 0; p--)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Lanes);
            TVector x0 = TSimd.Broadcast(a0[at]);
            c00 = TSimd.MultiplyAdd(x0, b0, c00);
            c01 = TSimd.MultiplyAdd(x0, b1, c01);
            TVector x1 = TSimd.Broadcast(a1[at]);
            c10 = TSimd.MultiplyAdd(x1, b0, c10);
            c11 = TSimd.MultiplyAdd(x1, b1, c11);
            TVector x2 = TSimd.Broadcast(a2[at]);
            c20 = TSimd.MultiplyAdd(x2, b0, c20);
            c21 = TSimd.MultiplyAdd(x2, b1, c21);
            TVector x3 = TSimd.Broadcast(a3[at]);
            c30 = TSimd.MultiplyAdd(x3, b0, c30);
            c31 = TSimd.MultiplyAdd(x3, b1, c31);
            TVector x4 = TSimd.Broadcast(a4[at]);
            c40 = TSimd.MultiplyAdd(x4, b0, c40);
            c41 = TSimd.MultiplyAdd(x4, b1, c41);
            TVector x5 = TSimd.Broadcast(a5[at]);
            c50 = TSimd.MultiplyAdd(x5, b0, c50);
            c51 = TSimd.MultiplyAdd(x5, b1, c51);
            at += step;
            b += 2 * TSimd.Lanes;
        }

        if (accumulate)
        {
            Add(c00, c01, c);
            Add(c10, c11, c + cStride);
            Add(c20, c21, c + 2 * cStride);
            Add(c30, c31, c + 3 * cStride);
            Add(c40, c41, c + 4 * cStride);
            Add(c50, c51, c + 5 * cStride);
        }
        else
        {
            Store(c00, c01, c);
            Store(c10, c11, c + cStride);
            Store(c20, c21, c + 2 * cStride);
            Store(c30, c31, c + 3 * cStride);
            Store(c40, c41, c + 4 * cStride);
            Store(c50, c51, c + 5 * cStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector v0, TVector v1, T* target)
    {
        TSimd.Store(v0, target);
        TSimd.Store(v1, target + TSimd.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector v0, TVector v1, T* target)
    {
        TSimd.Store(TSimd.Add(TSimd.Load(target), v0), target);
        TSimd.Store(TSimd.Add(TSimd.Load(target + TSimd.Lanes), v1), target + TSimd.Lanes);
    }

    /// <summary>Asks for the result's cache lines, which are needed only after the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(T* c, long cStride)
    {
        if (Sse.IsSupported)
        {
            for (int row = 0; row < Rows; row++)
            {
                Sse.Prefetch0(c + row * cStride);
                Sse.Prefetch0(c + row * cStride + Columns / 2);
                Sse.Prefetch0(c + row * cStride + Columns - 1);
            }
        }
    }
}
