using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Embeddings.Cpu.Products;

/// <summary>Sums over the rows of a packed left factor, such as the bias's gradient beside a weight's: its elements are in the cache.</summary>
internal static unsafe class LeftPanelSums
{
    /// <summary>Panels whose sums run side by side, so that none waits for the addition before it.</summary>
    private const int PanelsSideBySide = 4;

    /// <summary>sums[i] += Σ_p left[i, p], the sum in order of p.</summary>
    /// <param name="left">Panels as <see cref="Packing.Panels"/> writes them.</param>
    /// <param name="tileRows">Rows of a panel.</param>
    /// <param name="rows">Rows of all panels.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="sums">[rows], added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* left, int tileRows, int rows, int depth, T* sums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int r = 0;
        int room = Packing.Room(depth);
        if (tileRows == 8 && sizeof(T) == sizeof(float))
        {
            const int Rows = 8 * PanelsSideBySide;
            for (; r <= rows - Rows; r += Rows)
            {
                T* panel = left + r * room;
                int next = 8 * room;
                Vector256<T> sum0 = Vector256.Load(sums + r), sum1 = Vector256.Load(sums + r + 8);
                Vector256<T> sum2 = Vector256.Load(sums + r + 16), sum3 = Vector256.Load(sums + r + 24);
                for (int p = 0; p < depth; p++)
                {
                    sum0 += Vector256.Load(panel);
                    sum1 += Vector256.Load(panel + next);
                    sum2 += Vector256.Load(panel + 2 * next);
                    sum3 += Vector256.Load(panel + 3 * next);
                    panel += 8;
                }

                sum0.Store(sums + r);
                sum1.Store(sums + r + 8);
                sum2.Store(sums + r + 16);
                sum3.Store(sums + r + 24);
            }

            for (; r <= rows - 8; r += 8)
            {
                T* panel = left + r * room;
                Vector256<T> sum = Vector256.Load(sums + r);
                for (int p = 0; p < depth; p++)
                {
                    sum += Vector256.Load(panel + p * 8);
                }

                sum.Store(sums + r);
            }
        }

        for (; r < rows; r++)
        {
            T* panel = left + r / tileRows * tileRows * room + r % tileRows;
            T sum = sums[r];
            for (int p = 0; p < depth; p++)
            {
                sum += panel[p * tileRows];
            }

            sums[r] = sum;
        }
    }
}
