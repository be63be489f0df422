using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Cpu.Products;

/// <summary>
/// 8 rows × 3 registers: 24 sums, 3 registers of the right factor and one of the left fit the 32 registers of AVX-512 and Arm64.
/// </summary>
internal readonly unsafe struct Tile8x3<T, TVector, TSimd> : ITile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : ISimd<T, TVector>
{
    public static int Rows => 8;

    public static int Columns => 3 * TSimd.Lanes;

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
        T* a6 = a + Math.Min(6, last) * aRowStride;
        T* a7 = a + Math.Min(7, last) * aRowStride;

        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        TVector c20 = default, c21 = default, c22 = default;
        TVector c30 = default, c31 = default, c32 = default;
        TVector c40 = default, c41 = default, c42 = default;
        TVector c50 = default, c51 = default, c52 = default;
        TVector c60 = default, c61 = default, c62 = default;
        TVector c70 = default, c71 = default, c72 = default;

        Prefetch(c, cStride);
        nint step = (nint)aColumnStride;
        nint at = 0;
        for (int p = depth; p > 0; p--)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Lanes);
            TVector b2 = TSimd.Load(b + 2 * TSimd.Lanes);
            TVector x0 = TSimd.Broadcast(a0[at]);
            c00 = TSimd.MultiplyAdd(x0, b0, c00);
            c01 = TSimd.MultiplyAdd(x0, b1, c01);
            c02 = TSimd.MultiplyAdd(x0, b2, c02);
            TVector x1 = TSimd.Broadcast(a1[at]);
            c10 = TSimd.MultiplyAdd(x1, b0, c10);
            c11 = TSimd.MultiplyAdd(x1, b1, c11);
            c12 = TSimd.MultiplyAdd(x1, b2, c12);
            TVector x2 = TSimd.Broadcast(a2[at]);
            c20 = TSimd.MultiplyAdd(x2, b0, c20);
            c21 = TSimd.MultiplyAdd(x2, b1, c21);
            c22 = TSimd.MultiplyAdd(x2, b2, c22);
            TVector x3 = TSimd.Broadcast(a3[at]);
            c30 = TSimd.MultiplyAdd(x3, b0, c30);
            c31 = TSimd.MultiplyAdd(x3, b1, c31);
            c32 = TSimd.MultiplyAdd(x3, b2, c32);
            TVector x4 = TSimd.Broadcast(a4[at]);
            c40 = TSimd.MultiplyAdd(x4, b0, c40);
            c41 = TSimd.MultiplyAdd(x4, b1, c41);
            c42 = TSimd.MultiplyAdd(x4, b2, c42);
            TVector x5 = TSimd.Broadcast(a5[at]);
            c50 = TSimd.MultiplyAdd(x5, b0, c50);
            c51 = TSimd.MultiplyAdd(x5, b1, c51);
            c52 = TSimd.MultiplyAdd(x5, b2, c52);
            TVector x6 = TSimd.Broadcast(a6[at]);
            c60 = TSimd.MultiplyAdd(x6, b0, c60);
            c61 = TSimd.MultiplyAdd(x6, b1, c61);
            c62 = TSimd.MultiplyAdd(x6, b2, c62);
            TVector x7 = TSimd.Broadcast(a7[at]);
            c70 = TSimd.MultiplyAdd(x7, b0, c70);
            c71 = TSimd.MultiplyAdd(x7, b1, c71);
            c72 = TSimd.MultiplyAdd(x7, b2, c72);
            at += step;
            b += 3 * TSimd.Lanes;
        }

        if (accumulate)
        {
            Add(c00, c01, c02, c);
            Add(c10, c11, c12, c + cStride);
            Add(c20, c21, c22, c + 2 * cStride);
            Add(c30, c31, c32, c + 3 * cStride);
            Add(c40, c41, c42, c + 4 * cStride);
            Add(c50, c51, c52, c + 5 * cStride);
            Add(c60, c61, c62, c + 6 * cStride);
            Add(c70, c71, c72, c + 7 * cStride);
        }
        else
        {
            Store(c00, c01, c02, c);
            Store(c10, c11, c12, c + cStride);
            Store(c20, c21, c22, c + 2 * cStride);
            Store(c30, c31, c32, c + 3 * cStride);
            Store(c40, c41, c42, c + 4 * cStride);
            Store(c50, c51, c52, c + 5 * cStride);
            Store(c60, c61, c62, c + 6 * cStride);
            Store(c70, c71, c72, c + 7 * cStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector v0, TVector v1, TVector v2, T* target)
    {
        TSimd.Store(v0, target);
        TSimd.Store(v1, target + TSimd.Lanes);
        TSimd.Store(v2, target + 2 * TSimd.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector v0, TVector v1, TVector v2, T* target)
    {
        TSimd.Store(TSimd.Add(TSimd.Load(target), v0), target);
        TSimd.Store(TSimd.Add(TSimd.Load(target + TSimd.Lanes), v1), target + TSimd.Lanes);
        TSimd.Store(TSimd.Add(TSimd.Load(target + 2 * TSimd.Lanes), v2), target + 2 * TSimd.Lanes);
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
