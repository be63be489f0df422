namespace Embeddings.Cpu.Products;

/// <summary>
/// How a product C[m, n] = A[m, k] · B[k, n] is cut. Sums are cut along k into blocks; the right factor is packed once per group of k
/// blocks and columns and shared by all threads; a thread takes one tile of rows × columns at a time. The cut along k decides the order
/// of every sum, and the cut into stretches what an epilogue sees: both depend on the shape alone. The cut into tiles follows the number
/// of threads and changes no bit.
/// </summary>
internal readonly struct ProductPlan
{
    /// <summary>Longest block of a sum: a panel of the right factor of 16 columns takes 24 KiB, of 48 columns 72 KiB.</summary>
    private const int LongestBlock = 384;

    /// <summary>Elements of the right factor packed at once: 4 MiB of floats, well inside the last-level cache.</summary>
    private const long PackedElements = 1 << 20;

    /// <summary>Most rows of a tile: with the longest block, 144 KiB of the left factor, which stays in the second-level cache.</summary>
    private const int MostRowsPerTile = 96;

    /// <summary>Fewest rows that a panel of the right factor is loaded for.</summary>
    private const int FewestRowsPerTile = 32;

    private const int ColumnsPerStretch = 240;

    /// <summary>Multiply-adds of a tile that keep a core busy for some 80 microseconds, long against the cost of taking one.</summary>
    private const double WorkPerTile = 8e6;

    private const int MostTilesPerThread = 16;

    public ProductPlan(int m, int n, int k, int tileRows, int tileColumns, int threads, bool leftInPlace)
    {
        Depth = DepthOf(k);
        int depthBlocks = Blocks(k, Depth);
        int wanted = WantedStretch(tileColumns);
        int columns = (int)Math.Clamp(PackedElements / Math.Min(k, 4L * Depth), wanted, int.MaxValue / 2);
        GroupColumns = Balanced(n, columns, wanted);
        Stretch = StretchOf(Math.Min(n, GroupColumns), tileColumns);
        GroupColumns = RoundUp(GroupColumns, Stretch);
        GroupBlocks = (int)Math.Clamp(PackedElements / ((long)GroupColumns * Depth), 1, depthBlocks);

        long tiles = Math.Clamp((long)((double)m * GroupColumns * k / WorkPerTile), threads, (long)MostTilesPerThread * threads);
        Columns = GroupColumns;
        while (leftInPlace && Columns > Stretch && (long)Blocks(m, MostRowsPerTile) * Blocks(GroupColumns, Columns) < tiles)
        {
            Columns = RoundUp((Columns + 1) / 2, Stretch);
        }

        Rows = RowsOfTile(m, tileRows, Blocks(GroupColumns, Columns), threads);
    }

    /// <summary>Terms of a block of a sum; the last block may be shorter.</summary>
    public int Depth { get; }

    /// <summary>Columns that are finished, and given to the epilogue, together.</summary>
    public int Stretch { get; }

    /// <summary>Columns of the right factor packed at once.</summary>
    public int GroupColumns { get; }

    /// <summary>Blocks of <see cref="Depth"/> packed at once.</summary>
    public int GroupBlocks { get; }

    /// <summary>Rows of a thread's tile.</summary>
    public int Rows { get; }

    /// <summary>Columns of a thread's tile, a multiple of <see cref="Stretch"/>.</summary>
    public int Columns { get; }

    /// <summary>The terms of a block of a sum of k.</summary>
    public static int DepthOf(int k) => Balanced(k, LongestBlock, 4);

    /// <summary>The stretch that n columns are cut into.</summary>
    public static int StretchOf(int n, int tileColumns) => Balanced(n, WantedStretch(tileColumns), tileColumns);

    /// <summary>How many blocks cover a length.</summary>
    public static int Blocks(int length, int block) => (int)(((long)length + block - 1) / block);

    /// <summary>The multiple of a unit that is not smaller.</summary>
    public static int RoundUp(int length, int unit) => Blocks(length, unit) * unit;

    /// <summary>
    /// The rows that let all threads be done first: what the busiest one takes, a little more for every tile that loads the panels again,
    /// and a part of the last tile, for which the others wait where they did not run equally fast.
    /// </summary>
    private static int RowsOfTile(int m, int tileRows, int columnTiles, int threads)
    {
        const double LoadingRows = 2, WaitingShare = 0.25;
        int best = 0;
        double least = double.PositiveInfinity;
        for (int rows = RoundUp(MostRowsPerTile, tileRows); rows >= FewestRowsPerTile; rows -= tileRows)
        {
            double busiest = Blocks(Blocks(m, rows) * columnTiles, threads) * (rows + LoadingRows) + WaitingShare * rows;
            if (busiest < least)
            {
                (best, least) = (rows, busiest);
            }
        }

        return Math.Min(best, RoundUp(m, tileRows));
    }

    private static int WantedStretch(int tileColumns) => Math.Max(1, ColumnsPerStretch / tileColumns) * tileColumns;

    /// <summary>The size of equal blocks, none longer than wanted but for rounding up to the unit.</summary>
    private static int Balanced(int length, int longest, int unit) => RoundUp(Blocks(length, Blocks(length, longest)), unit);
}
