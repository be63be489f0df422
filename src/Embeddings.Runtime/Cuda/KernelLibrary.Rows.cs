namespace Embeddings.Cuda;

/// <content>Rows addressed by token and position, and sums over rows in a fixed order.</content>
public sealed unsafe partial class KernelLibrary
{
    /// <summary>Most tiles that a kernel with column sums cuts its rows into.</summary>
    public const int MostTiles = 512;

    private const int RowsPerVisit = 8;
    private const int ScatterThreads = 128;
    private const int ScatterBlocks = 4096;

    private readonly nint _addPartialSums;
    private readonly nint _addPartialTotal;
    private readonly nint _columnSums;
    private readonly nint _positionSums;
    private readonly nint _gatherSum;
    private readonly nint _tokenBytes;
    private readonly nint _scatterItems;
    private readonly nint _scatterRuns;
    private readonly nint _rotary;

    /// <summary>Rows of a tile of a kernel with column sums: a multiple of the warps in a block.</summary>
    public static int RowsPerTile(int rows) => Blocks(rows, MostTiles * RowsPerVisit) * RowsPerVisit;

    /// <summary>Tiles of that kernel, which is the number of its blocks and of its partial sums.</summary>
    public static int Tiles(int rows) => Blocks(rows, RowsPerTile(rows));

    /// <summary>target[c] += Σ partials[tile, c], in order of tile.</summary>
    /// <param name="tiles">Partial sums of each column.</param>
    /// <param name="columns">C.</param>
    /// <param name="partials">[tiles, C] floats.</param>
    /// <param name="target">[C] floats.</param>
    public void AddPartialSums(int tiles, int columns, nint partials, nint target)
    {
        void** arguments = stackalloc void*[] { &partials, &target, &tiles, &columns };
        _device.Launch(_addPartialSums, new LaunchShape(Blocks(columns, 32), ThreadsPerBlock), arguments, 4);
    }

    /// <summary>target[0] += Σ partials[tile, c] over all tiles and columns, in a fixed order: the gradient of a number that all columns share.</summary>
    /// <param name="tiles">Partial sums of each column.</param>
    /// <param name="columns">C.</param>
    /// <param name="partials">[tiles, C] floats.</param>
    /// <param name="target">One float.</param>
    public void AddPartialTotal(int tiles, int columns, nint partials, nint target)
    {
        int count = checked(tiles * columns);
        void** arguments = stackalloc void*[] { &partials, &target, &count };
        _device.Launch(_addPartialTotal, new LaunchShape(1, ThreadsPerBlock), arguments, 3);
    }

    /// <summary>target[c] += Σ x[r, c]: the gradient of a bias.</summary>
    /// <param name="rows">R.</param>
    /// <param name="columns">C.</param>
    /// <param name="x">[R, C] elements.</param>
    /// <param name="stride">Elements from a row of x to the next.</param>
    /// <param name="partials">Working memory, [<see cref="MostTiles"/>, C] floats.</param>
    /// <param name="target">[C] floats.</param>
    public void ColumnSums(int rows, int columns, nint x, int stride, nint partials, nint target)
    {
        int rowsPerTile = RowsPerTile(rows);
        void** arguments = stackalloc void*[] { &x, &partials, &rows, &columns, &stride, &rowsPerTile };
        _device.Launch(_columnSums, new LaunchShape(Tiles(rows), Blocks(columns, 32), 1, ThreadsPerBlock, 0), arguments, 6);
        AddPartialSums(Tiles(rows), columns, partials, target);
    }

    /// <summary>positionGradient[r mod context] += gradient[r], in order of r.</summary>
    public void PositionSums(int batch, int context, int columns, nint gradient, nint positionGradient)
    {
        void** arguments = stackalloc void*[] { &gradient, &positionGradient, &batch, &context, &columns };
        _device.Launch(_positionSums, new LaunchShape(Blocks((long)context * columns), ThreadsPerBlock), arguments, 5);
    }

    /// <summary>y[r] = Σ table[spelling rows of tokens[r]] / √(their number).</summary>
    public void GatherSum(int rows, int columns, nint tokens, DeviceSpelling spelling, nint table, nint y)
    {
        nint starts = spelling.Starts;
        nint list = spelling.Rows;
        void** arguments = stackalloc void*[] { &tokens, &starts, &list, &table, &y, &rows, &columns };
        _device.Launch(_gatherSum, new LaunchShape(Blocks(rows, RowsPerVisit), ThreadsPerBlock), arguments, 7);
    }

    /// <summary>The bytes of each token, place by place.</summary>
    /// <param name="rows">R.</param>
    /// <param name="places">Bytes read of a token at most, P.</param>
    /// <param name="tokens">[R].</param>
    /// <param name="spelling">The bytes of each token.</param>
    /// <param name="bytes">[P + 2, R] ints, from place −1 on; 256 where a token has no byte.</param>
    /// <param name="exists">[P, R] floats: 1 where it has one, else 0.</param>
    /// <param name="shares">[P, R] floats: 1/√(bytes read of the token) where it has one, else 0.</param>
    public void TokenBytes(int rows, int places, nint tokens, DeviceSpelling spelling, nint bytes, nint exists, nint shares)
    {
        nint starts = spelling.Starts;
        nint list = spelling.Rows;
        void** arguments = stackalloc void*[] { &tokens, &starts, &list, &bytes, &exists, &shares, &rows, &places };
        _device.Launch(_tokenBytes, new LaunchShape(Blocks(rows * (places + 2L)), ThreadsPerBlock), arguments, 8);
    }

    /// <summary>tableGradient[row] += weight · gradient[r] for every table row that a plan says row r reads, in order of r.</summary>
    /// <param name="plan">Which rows read which table rows.</param>
    /// <param name="columns">C.</param>
    /// <param name="gradient">[R, C] elements.</param>
    /// <param name="stride">Elements from a row of the gradient to the next.</param>
    /// <param name="tokens">[R].</param>
    /// <param name="weights">A float for each token, or 0 where all are 1.</param>
    /// <param name="tableGradient">[table rows, C] floats.</param>
    public void Scatter(ScatterPlan plan, int columns, nint gradient, int stride, nint tokens, nint weights, nint tableGradient)
    {
        nint order = plan.Order;
        nint items = plan.Items;
        nint runs = plan.Runs;
        nint counts = plan.Counts;
        nint partials = plan.Partials;
        var shape = new LaunchShape(Math.Min(ScatterBlocks, plan.MostItems), ScatterThreads);
        void** itemArguments = stackalloc void*[]
        {
            &gradient, &order, &items, &counts, &tokens, &weights, &tableGradient, &partials, &columns, &stride,
        };
        _device.Launch(_scatterItems, shape, itemArguments, 10);
        void** runArguments = stackalloc void*[] { &runs, &counts, &partials, &tableGradient, &columns };
        _device.Launch(_scatterRuns, new LaunchShape(Math.Min(ScatterBlocks, plan.MostRuns), ScatterThreads), runArguments, 5);
    }

    /// <summary>Turns every head of every row by its position, r mod context, or back; y may be x.</summary>
    /// <param name="rows">R.</param>
    /// <param name="context">T.</param>
    /// <param name="heads">Heads in a row.</param>
    /// <param name="headWidth">D.</param>
    /// <param name="angles">From <see cref="RotaryAngles"/>.</param>
    /// <param name="x">[R, heads · D] elements.</param>
    /// <param name="xStride">Elements from a row of x to the next.</param>
    /// <param name="y">As x.</param>
    /// <param name="yStride">Elements from a row of y to the next.</param>
    /// <param name="inverse">Whether to turn back.</param>
    public void Rotary(
        int rows, int context, int heads, int headWidth, nint angles, nint x, int xStride, nint y, int yStride, bool inverse)
    {
        float sign = inverse ? -1 : 1;
        void** arguments = stackalloc void*[] { &x, &y, &angles, &rows, &context, &heads, &headWidth, &xStride, &yStride, &sign };
        _device.Launch(_rotary, new LaunchShape(Blocks((long)rows * heads * (headWidth / 2)), ThreadsPerBlock), arguments, 10);
    }
}
