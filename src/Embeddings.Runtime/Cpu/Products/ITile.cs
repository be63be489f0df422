using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>The innermost piece of a product: a tile of the result whose sums stay in registers.</summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal unsafe interface ITile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows of the tile.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of the tile.</summary>
    static abstract int Columns { get; }

    /// <summary>
    /// c[i, j] = (accumulate ? c[i, j] : 0) + Σ_p a[i, p] · b[p, j], the sum in order of p, for all <see cref="Rows"/> ×
    /// <see cref="Columns"/> elements. Where fewer rows of the left factor exist, its last one stands for the missing ones.
    /// </summary>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="a">a[i, p] at <c>a[i · aRowStride + p · aColumnStride]</c>.</param>
    /// <param name="aRowStride">Elements from a row of the left factor to the next.</param>
    /// <param name="aColumnStride">Elements from a column of the left factor to the next.</param>
    /// <param name="aRows">Rows of the left factor that exist, at least 1.</param>
    /// <param name="b">b[p, j] at <c>b[p · Columns + j]</c>.</param>
    /// <param name="c">c[i, j] at <c>c[i · cStride + j]</c>.</param>
    /// <param name="cStride">Elements from a row of the result to the next.</param>
    /// <param name="accumulate">Adds to the result instead of writing it.</param>
    static abstract void Run(
        int depth, T* a, long aRowStride, long aColumnStride, int aRows, T* b, T* c, long cStride, bool accumulate);
}
