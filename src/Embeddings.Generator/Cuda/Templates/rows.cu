// Rows addressed by token and position, rotary positions, and sums over rows. Every sum is taken in an order that the shapes alone fix, so
// that a run gives the same bits each time; there are no atomics.
//
// R rows = tokens of a pass, C columns, T positions of a sequence, V tokens. Blocks of 256 threads are eight warps.

// Columns that a warp takes in one step: four a lane where widths allow, else one.
DEVICE int columnsPerStep(Four) { return 128; }
DEVICE int columnsPerStep(float) { return 32; }

// Adds up the column sums of a block's eight warps, in order of warp, and writes them: partials[columns]. sums[i] of a lane are columns
// columnsPerStep · i + (1 or 4) · lane…
template <typename T, int Steps>
DEVICE void writeTileSums(const T (&sums)[Steps], float* partials, int columns)
{
    ALIGNED(16) SHARED float meeting[8][128];
    const int width = columnsPerStep(sums[0]);
    UNROLL
    for (int step = 0; step < Steps; step++)
    {
        blockBarrier();
        store(&meeting[warp()][lane() * (width / 32)], sums[step]);
        blockBarrier();
        int column = step * width + threadX();
        if (threadX() < width && column < columns)
        {
            float sum = 0;
            for (int i = 0; i < 8; i++)
            {
                sum += meeting[i][threadX()];
            }

            partials[column] = sum;
        }
    }
}

// target[c] += the sum of partials[tile, c] over tiles. Block: 32 columns; each warp sums an eighth of the tiles, then the eighths in order.
KERNEL(256) addPartialSums(const float* RESTRICT partials, float* RESTRICT target, int tiles, int columns)
{
    SHARED float meeting[8][32];
    int column = blockX() * 32 + lane();
    int share = (tiles + 7) / 8;
    int end = (warp() + 1) * share < tiles ? (warp() + 1) * share : tiles;
    float sum = 0;
    if (column < columns)
    {
        for (int tile = warp() * share; tile < end; tile++)
        {
            sum += partials[(i64)tile * columns + column];
        }
    }

    meeting[warp()][lane()] = sum;
    blockBarrier();
    if (warp() == 0 && column < columns)
    {
        float total = 0;
        for (int i = 0; i < 8; i++)
        {
            total += meeting[i][lane()];
        }

        target[column] += total;
    }
}

// target[0] += the sum of all partials: a thread's share is every 256th, then lanes, then warps in order. One block.
KERNEL(256) addPartialTotal(const float* RESTRICT partials, float* RESTRICT target, int count)
{
    float sum = 0;
    for (int i = threadX(); i < count; i += 256)
    {
        sum += partials[i];
    }

    sum = blockSum(sum);
    if (threadX() == 0)
    {
        target[0] += sum;
    }
}

// partials[tile, c] = the sum of x[r, c] over the tile's rows. Grid: tiles × ⌈C / 32⌉; warps take every eighth row.
KERNEL(256) columnSums(const element* RESTRICT x, float* RESTRICT partials, int rows, int columns, int stride, int rowsPerTile)
{
    SHARED float meeting[8][32];
    int column = blockY() * 32 + lane();
    int end = (blockX() + 1) * rowsPerTile < rows ? (blockX() + 1) * rowsPerTile : rows;
    float sum = 0;
    if (column < columns)
    {
        for (int row = blockX() * rowsPerTile + warp(); row < end; row += 8)
        {
            sum += load1(x + (i64)row * stride + column);
        }
    }

    meeting[warp()][lane()] = sum;
    blockBarrier();
    if (warp() == 0 && column < columns)
    {
        float total = 0;
        for (int i = 0; i < 8; i++)
        {
            total += meeting[i][lane()];
        }

        partials[(i64)blockX() * columns + column] = total;
    }
}

// positionGradient[t, c] += the sum of gradient[b · T + t, c] over the sequences b. Thread: one element of [T, C].
KERNEL(256) positionSums(const element* RESTRICT gradient, float* RESTRICT positionGradient, int batch, int context, int columns)
{
    int place = blockX() * 256 + threadX();
    int count = context * columns;
    if (place < count)
    {
        float sum = 0;
        for (int sequence = 0; sequence < batch; sequence++)
        {
            sum += load1(gradient + (i64)sequence * count + place);
        }

        positionGradient[place] += sum;
    }
}

// y[r] = the sum of the table rows that spell token r, over the root of their number. starts[V + 1] cuts `spelling`, a list of table rows.
// Warp: one row.
KERNEL(256) gatherSum(const int* RESTRICT tokens, const int* RESTRICT starts, const int* RESTRICT spelling,
    const element* RESTRICT table, element* RESTRICT y, int rows, int columns)
{
    int row = blockX() * 8 + warp();
    if (row < rows)
    {
        int first = starts[tokens[row]];
        int end = starts[tokens[row] + 1];
        float scale = reciprocalSquareRoot((float)(end - first));
        for (int column = lane(); column < columns; column += 32)
        {
            float sum = 0;
            for (int entry = first; entry < end; entry++)
            {
                sum += load1(table + (i64)spelling[entry] * columns + column);
            }

            store(y + (i64)row * columns + column, sum * scale);
        }
    }
}

// The gradient of a table whose rows are read by token or spelling: table row k += weight(r) · gradient[r] over the rows r that read it, in
// order of r. The host sorts: `order` lists the rows by table row, and an item is {first in order, count, table row, slot}. Runs of few rows
// are one item with slot −1, added at once; long runs are cut, each item writes partials[slot], and scatterRuns adds up a run's slots in order.
// weight(r) = weights[tokens[r]], or 1 where weights is null; rows of the gradient stand stride elements apart. Grid: any; the number of items
// is read on the device.
KERNEL(128) scatterItems(const element* RESTRICT gradient, const int* RESTRICT order, const int* RESTRICT items, const int* RESTRICT counts,
    const int* RESTRICT tokens, const float* RESTRICT weights, float* RESTRICT tableGradient, float* RESTRICT partials, int columns, int stride)
{
    int count = counts[0];
    for (int item = blockX(); item < count; item += gridX())
    {
        const int* rows = order + items[4 * item];
        int length = items[4 * item + 1];
        int slot = items[4 * item + 3];
        for (int column = threadX(); column < columns; column += 128)
        {
            float sum = 0;
            for (int i = 0; i < length; i++)
            {
                float value = load1(gradient + (i64)rows[i] * stride + column);
                sum += weights ? weights[tokens[rows[i]]] * value : value;
            }

            if (slot < 0)
            {
                tableGradient[(i64)items[4 * item + 2] * columns + column] += sum;
            }
            else
            {
                partials[(i64)slot * columns + column] = sum;
            }
        }
    }
}

// A run is {first slot, slots, table row}; counts[1] says how many there are.
KERNEL(128) scatterRuns(const int* RESTRICT runs, const int* RESTRICT counts, const float* RESTRICT partials,
    float* RESTRICT tableGradient, int columns)
{
    int count = counts[1];
    for (int run = blockX(); run < count; run += gridX())
    {
        const float* slots = partials + (i64)runs[3 * run] * columns;
        for (int column = threadX(); column < columns; column += 128)
        {
            float sum = 0;
            for (int i = 0; i < runs[3 * run + 1]; i++)
            {
                sum += slots[(i64)i * columns + column];
            }

            tableGradient[(i64)runs[3 * run + 2] * columns + column] += sum;
        }
    }
}

// Rotary positions: channels j and j + D/2 of a head are turned by the angle of (row mod T, j). angles[T, D]: cosines, then sines.
// sign −1 turns back, which is also the gradient. Thread: one pair of [R, heads, D/2].
KERNEL(256) rotary(const element* x, element* y, const float* RESTRICT angles, int rows, int context, int heads, int headWidth,
    int xStride, int yStride, float sign)
{
    int half = headWidth / 2;
    i64 pair = (i64)blockX() * 256 + threadX();
    if (pair < (i64)rows * heads * half)
    {
        int row = (int)(pair / (heads * half));
        int j = (int)(pair % half);
        int head = (int)(pair / half % heads);
        const float* cosine = angles + (i64)(row % context) * headWidth + j;
        const element* from = x + (i64)row * xStride + head * headWidth + j;
        element* to = y + (i64)row * yStride + head * headWidth + j;
        float a = load1(from);
        float b = load1(from + half);
        float sine = sign * cosine[half];
        store(to, a * *cosine - b * sine);
        store(to + half, b * *cosine + a * sine);
    }
}
