using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Cpu.Products;

/// <summary>
/// Copies a stretch of a factor into a panel, in which a product's innermost loop reads one element after the other.
/// </summary>
internal static unsafe class Packing
{
    /// <summary>
    /// target[p · width + j] = source[j · widthStride + p · depthStride] for p &lt; depth, and 0 for valid ≤ j &lt; width. One of the
    /// strides is 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panel<T>(T* target, int width, int valid, int depth, T* source, long widthStride, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (valid < width)
        {
            new Span<T>(target, width * depth).Clear();
        }

        if (widthStride == 1)
        {
            CopyRows(target, width, valid, depth, source, depthStride);
        }
        else
        {
            Transpose(target, width, valid, depth, source, widthStride, depthStride);
        }
    }

    private static void CopyRows<T>(T* target, int width, int valid, int depth, T* source, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int p = 0; p < depth; p++)
        {
            for (int j = 0; j < valid; j++)
            {
                target[j] = source[j];
            }

            target += width;
            source += depthStride;
        }
    }

    private static void Transpose<T>(T* target, int width, int valid, int depth, T* source, long widthStride, long depthStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int j = 0; j < valid; j++)
        {
            T* from = source + j * widthStride;
            T* to = target + j;
            for (int p = 0; p < depth; p++)
            {
                *to = *from;
                to += width;
                from += depthStride;
            }
        }
    }
}
