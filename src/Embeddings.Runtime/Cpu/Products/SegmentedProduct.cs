using System.Numerics;

namespace Embeddings.Cpu.Products;

/// <summary>
/// A small product over a long sum, such as the weight's gradient of a narrow layer over all tokens. The sum is cut into segments; a
/// thread packs both factors of its segment in its own cache and computes the whole product over it, so that each element is read from
/// memory by one thread, once. The segments' products are then added in order. The cut depends on the shape alone.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
/// <typeparam name="TWide">The register tile.</typeparam>
/// <typeparam name="TNarrow">The register tile of the last columns, with as many rows.</typeparam>
internal static unsafe class SegmentedProduct<T, TWide, TNarrow>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TWide : struct, ITile<T>
    where TNarrow : struct, ITile<T>
{
    /// <summary>Elements of the product: a MiB of floats for each segment.</summary>
    private const int MostElements = 1 << 18;

    /// <summary>Rows and columns: a packed block of either factor takes 2 MiB of floats at the most.</summary>
    private const int LongestSide = 2048;

    /// <summary>Fewest terms of a segment, so that adding the segments' products weighs little beside them.</summary>
    private const int TermsPerSegment = 512;

    private const int MostSegments = 4;

    /// <summary>Terms that are packed at once: 1 KiB of floats a row of either factor, half a MiB for 512 rows, which stay in the second-level cache.</summary>
    private const int LongestBlock = 256;

    /// <summary>Elements that a thread adds at a time.</summary>
    private const int ElementsPerSum = 1 << 13;

    /// <summary>Whether a shape suits it.</summary>
    public static bool Suits(int m, int n, int k, MatrixView<T> a, MatrixView<T> b) =>
        a.ColumnStride != 1 && b.ColumnStride == 1 && (long)m * n <= MostElements && Math.Max(m, n) <= LongestSide
        && k >= 2 * TermsPerSegment;

    /// <summary>C[m, n] (+)= A · B, and rowSums[i] += Σ_p A[i, p] unless null.</summary>
    public static void Run(
        WorkerPool pool, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* c, long cStride, bool accumulate, T* rowSums)
    {
        int segments = Math.Min(MostSegments, k / TermsPerSegment);
        int parts = Math.Clamp(2 * pool.Threads / segments, 1, ProductPlan.Blocks(m, 4 * TWide.Rows));
        int rows = ProductPlan.RoundUp(ProductPlan.Blocks(m, parts), TWide.Rows);
        parts = ProductPlan.Blocks(m, rows);
        long elements = (long)m * n;
        T* products = Scratch.Take<T>(ScratchUse.SegmentProducts, segments * (elements + m));
        T* sums = rowSums == null ? null : products + segments * elements;
        pool.Run(new Segment(m, n, k, a, b, products, sums, segments, rows), segments * parts);
        pool.Run(new Sum(m, n, products, segments, c, cStride, accumulate, ProductPlan.Blocks(ElementsPerSum, n)),
            ProductPlan.Blocks(m, ProductPlan.Blocks(ElementsPerSum, n)));
        for (int i = 0; rowSums != null && i < m; i++)
        {
            T sum = sums[i];
            for (int segment = 1; segment < segments; segment++)
            {
                sum += sums[segment * m + i];
            }

            rowSums[i] += sum;
        }
    }

    /// <summary>Some rows of the product over one segment of the sum.</summary>
    private readonly struct Segment(
        int m, int n, int k, MatrixView<T> a, MatrixView<T> b, T* products, T* sums, int segments, int rowsPerTile) : ITileKernel
    {
        private readonly int _terms = ProductPlan.Blocks(k, segments);
        private readonly PanelCut _cut = new(n, TWide.Columns, TNarrow.Columns);

        public void Run(int tile)
        {
            int segment = tile % segments;
            int row = tile / segments * rowsPerTile;
            int rows = Math.Min(rowsPerTile, m - row);
            T* product = products + (long)segment * m * n + (long)row * n;
            T* right = Scratch.Take<T>(ScratchUse.RightStretch, (long)_cut.Padded * LongestBlock);
            T* left = Scratch.Take<T>(ScratchUse.LeftPanels, (long)ProductPlan.RoundUp(rows, TWide.Rows) * Packing.Room(LongestBlock));
            int first = segment * _terms;
            int end = Math.Min(k, first + _terms);
            if (sums != null)
            {
                new Span<T>(sums + segment * m + row, rows).Clear();
            }

            for (int start = first; start < end; start += LongestBlock)
            {
                int depth = Math.Min(LongestBlock, end - start);
                for (int panel = 0; panel < _cut.Count; panel++)
                {
                    int column = _cut.Start(panel);
                    int width = _cut.Width(panel);
                    Packing.Rows(
                        right + (long)column * LongestBlock, width, Math.Min(width, n - column), depth, b.At(start, column), b.RowStride);
                }

                Packing.Panels(left, TWide.Rows, rows, depth, a.At(row, start), a.ColumnStride);
                if (sums != null)
                {
                    LeftPanelSums.Add(left, TWide.Rows, rows, depth, sums + segment * m + row);
                }

                PanelSweep<T, TWide, TNarrow>.Run(
                    _cut, n, right, LongestBlock, LeftRows<T>.Packed(left, TWide.Rows, depth), rows, depth, 0, n, start > first, product, n);
            }
        }
    }

    /// <summary>Adds the segments' products, for some rows.</summary>
    private readonly struct Sum(int m, int n, T* products, int segments, T* c, long cStride, bool accumulate, int rowsPerTile) : ITileKernel
    {
        public void Run(int tile)
        {
            int row = tile * rowsPerTile;
            int end = Math.Min(m, row + rowsPerTile);
            for (; row < end; row++)
            {
                T* from = products + (long)row * n;
                T* to = c + row * cStride;
                int j = 0;
                for (; j <= n - Vector<T>.Count; j += Vector<T>.Count)
                {
                    Vector<T> sum = Vector.Load(from + j);
                    for (int segment = 1; segment < segments; segment++)
                    {
                        sum += Vector.Load(from + (long)segment * m * n + j);
                    }

                    Vector.Store(accumulate ? Vector.Load(to + j) + sum : sum, to + j);
                }

                for (; j < n; j++)
                {
                    T sum = from[j];
                    for (int segment = 1; segment < segments; segment++)
                    {
                        sum += from[(long)segment * m * n + j];
                    }

                    to[j] = accumulate ? to[j] + sum : sum;
                }
            }
        }
    }
}
