// Attention with tensor cores: bf16 elements, sums in float; see attention.cu for what is computed.
#if TENSOR_CORES

// A head is rounded up to whole fragments with zeros. Rows of a tile in shared memory are padded by 16 bytes, so that the eight rows of a
// fragment load fall on different banks.
#define STEPS ((HEAD_WIDTH + 15) / 16)
#define PITCH (STEPS * 16 + 8)

// Tiles of eight channels that a head has, of the STEPS · 2 that fragments hold.
#define CHANNEL_TILES (HEAD_WIDTH / 8)

// The forward's block owns 128 queries: 32 a warp, so that a fragment of keys or values is used twice; 16 of wide heads, for registers.
#define FORWARD_WARPS (HEAD_WIDTH <= 64 ? 4 : 8)
#define QUERY_TILES (8 / FORWARD_WARPS)

// Rows of the tile that passes by in the backward; two are in shared memory, so that the next one's copy runs under the present one's products.
#define PASSING (HEAD_WIDTH <= 96 ? 64 : 32)

// Starts the copy of rows first … first + Rows − 1 of a head; rows past the sequence's end become zeros.
template <int Threads, int Rows>
DEVICE void copyTile(bfloat16 (&tile)[Rows][PITCH], const bfloat16* x, int stride, int first, int context)
{
    for (int i = threadX(); i < Rows * STEPS * 2; i += Threads)
    {
        int row = i / (STEPS * 2);
        int channel = i % (STEPS * 2) * 8;
        bool inside = first + row < context && channel < HEAD_WIDTH;
        copyAsync16(&tile[row][channel], inside ? x + (i64)(first + row) * stride + channel : x, inside);
    }
}

// Left factor: 16 rows × 16 channels.
template <int Rows>
DEVICE void loadLeft(u32* fragment, const bfloat16 (&tile)[Rows][PITCH], int row, int channel)
{
    loadMatrices(fragment, tile, (lane() % 16 * PITCH + lane() / 16 * 8) * 2 + (row * PITCH + channel) * 2);
}

// Right factor, transposed: 16 rows × 16 channels, as two fragments of 16 channels × 8 rows.
template <int Rows>
DEVICE void loadRightOfRows(u32* fragment, const bfloat16 (&tile)[Rows][PITCH], int row, int channel)
{
    loadMatrices(fragment, tile, ((lane() / 16 * 8 + lane() % 8) * PITCH + lane() / 8 % 2 * 8) * 2 + (row * PITCH + channel) * 2);
}

// Right factor: 16 rows × 16 channels, as two fragments of 16 rows × 8 channels.
template <int Rows>
DEVICE void loadRight(u32* fragment, const bfloat16 (&tile)[Rows][PITCH], int row, int channel)
{
    loadMatricesTransposed(fragment, tile, (lane() % 16 * PITCH + lane() / 16 * 8) * 2 + (row * PITCH + channel) * 2);
}

// Sums [16, 16] in two fragments become a left factor.
DEVICE void toLeft(u32* fragment, const float* sums)
{
    fragment[0] = narrowPair(sums[0], sums[1]);
    fragment[1] = narrowPair(sums[2], sums[3]);
    fragment[2] = narrowPair(sums[4], sums[5]);
    fragment[3] = narrowPair(sums[6], sums[7]);
}

// Over the four lanes that share a row of a fragment.
DEVICE float rowLargest(float value)
{
    value = larger(value, shuffleXor(value, 1));
    return larger(value, shuffleXor(value, 2));
}

DEVICE float rowSum(float value)
{
    value += shuffleXor(value, 1);
    return value + shuffleXor(value, 2);
}

DEVICE void storePair(bfloat16* to, float first, float second) { *(u32*)to = narrowPair(first, second); }

// Puts 2^(score − largest) in place of 16 rows' scores of 64 keys, and brings the sums to the new largest score. row: of this lane, and
// row + 8; whole: whether every row sees every key, and nothing falls with distance.
DEVICE void weigh(float (&scores)[8][4], float (&mixed)[STEPS * 2][4], float (&largest)[2], float (&sum)[2], int row, int firstKey,
    AttentionShape shape, float scale, float fall, bool whole)
{
    float most[2] = {largest[0], largest[1]};
    UNROLL
    for (int tile = 0; tile < 8; tile++)
    {
        UNROLL
        for (int i = 0; i < 4; i++)
        {
            scores[tile][i] *= scale;
            if (!whole)
            {
                int query = row + i / 2 * 8;
                int key = firstKey + tile * 8 + lane() % 4 * 2 + i % 2;
                scores[tile][i] = sees(shape, query, key) ? scores[tile][i] - fall * (query - key) : HIDDEN;
            }

            most[i / 2] = larger(most[i / 2], scores[tile][i]);
        }
    }

    float shrink[2];
    UNROLL
    for (int half = 0; half < 2; half++)
    {
        most[half] = rowLargest(most[half]);
        shrink[half] = powerOfTwo(largest[half] - most[half]);
        largest[half] = most[half];
        sum[half] *= shrink[half];
    }

    UNROLL
    for (int tile = 0; tile < 8; tile++)
    {
        UNROLL
        for (int i = 0; i < 4; i++)
        {
            scores[tile][i] = powerOfTwo(scores[tile][i] - largest[i / 2]);
            sum[i / 2] += scores[tile][i];
        }
    }

    UNROLL
    for (int tile = 0; tile < STEPS * 2; tile++)
    {
        UNROLL
        for (int i = 0; i < 4; i++)
        {
            mixed[tile][i] *= shrink[i / 2];
        }
    }
}

// A warp sees 64 keys at a time. The copy of values runs under the scores, that of the next keys under the mixing.
KERNEL(FORWARD_WARPS * 32) attentionForward(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    element* RESTRICT output, float* RESTRICT logSumExp, int qStride, int kStride, int vStride, int outputStride, AttentionShape shape)
{
    const int Threads = FORWARD_WARPS * 32;
    ALIGNED(16) SHARED bfloat16 tiles[2][64][PITCH];
    bfloat16 (&queries)[128][PITCH] = *(bfloat16 (*)[128][PITCH])tiles; // until they are in registers
    bfloat16 (&keys)[64][PITCH] = tiles[0];
    bfloat16 (&values)[64][PITCH] = tiles[1];
    int firstQuery = (gridX() - 1 - blockX()) * 128; // the longest rows first
    int firstRow = firstQuery + warp() * QUERY_TILES * 16;
    int lastRow = firstRow + QUERY_TILES * 16 - 1;
    int head = blockY();
    int keyValueHead = head / (shape.heads / shape.keyValueHeads);
    const element* kHead = k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH;
    const element* vHead = v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH;

    u32 query[QUERY_TILES][STEPS][4];
    copyTile<Threads>(queries, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, firstQuery, shape.context);
    copyCommit();
    copyWait<0>();
    blockBarrier();
    UNROLL
    for (int part = 0; part < QUERY_TILES; part++)
    {
        UNROLL
        for (int step = 0; step < STEPS; step++)
        {
            loadLeft(query[part][step], queries, (warp() * QUERY_TILES + part) * 16, step * 16);
        }
    }

    int firstKey = firstKeySeen(shape, firstQuery) / 64 * 64;
    int end = firstQuery + 128 < shape.context ? firstQuery + 128 : shape.context;
    blockBarrier();
    copyTile<Threads>(keys, kHead, kStride, firstKey, shape.context);
    copyCommit();

    float mixed[QUERY_TILES][STEPS * 2][4] = {};
    float largest[QUERY_TILES][2], sum[QUERY_TILES][2];
    UNROLL
    for (int part = 0; part < QUERY_TILES; part++)
    {
        largest[part][0] = largest[part][1] = -1e30f;
        sum[part][0] = sum[part][1] = 0.0f;
    }

    float scale = shape.scale * LOG2_E;
    float fall = fallOf(shape, head);
    for (int first = firstKey; first < end; first += 64)
    {
        copyWait<0>();
        blockBarrier();
        copyTile<Threads>(values, vHead, vStride, first, shape.context);
        copyCommit();

        bool seesAny = firstRow < shape.context && first <= lastRow && first + 63 >= firstKeySeen(shape, firstRow);
        float scores[QUERY_TILES][8][4] = {}; // [16 queries, 64 keys] each
        if (seesAny)
        {
            UNROLL
            for (int group = 0; group < 4; group++)
            {
                UNROLL
                for (int step = 0; step < STEPS; step++)
                {
                    u32 right[4];
                    loadRightOfRows(right, keys, group * 16, step * 16);
                    UNROLL
                    for (int part = 0; part < QUERY_TILES; part++)
                    {
                        multiplyMatrices(scores[part][2 * group], query[part][step], right);
                        multiplyMatrices(scores[part][2 * group + 1], query[part][step], right + 2);
                    }
                }
            }

            bool whole = sees(shape, firstRow, first + 63) && sees(shape, lastRow, first) && !shape.slopes;
            UNROLL
            for (int part = 0; part < QUERY_TILES; part++)
            {
                weigh(scores[part], mixed[part], largest[part], sum[part], firstRow + part * 16 + lane() / 4, first, shape, scale, fall, whole);
            }
        }

        copyWait<0>();
        blockBarrier();
        if (first + 64 < end)
        {
            copyTile<Threads>(keys, kHead, kStride, first + 64, shape.context);
        }

        copyCommit();
        if (seesAny)
        {
            UNROLL
            for (int group = 0; group < 4; group++)
            {
                u32 left[QUERY_TILES][4];
                UNROLL
                for (int part = 0; part < QUERY_TILES; part++)
                {
                    toLeft(left[part], scores[part][2 * group]);
                }

                UNROLL
                for (int step = 0; step < STEPS; step++)
                {
                    u32 right[4];
                    loadRight(right, values, group * 16, step * 16);
                    UNROLL
                    for (int part = 0; part < QUERY_TILES; part++)
                    {
                        multiplyMatrices(mixed[part][2 * step], left[part], right);
                        multiplyMatrices(mixed[part][2 * step + 1], left[part], right + 2);
                    }
                }
            }
        }
    }

    UNROLL
    for (int part = 0; part < QUERY_TILES; part++)
    {
        UNROLL
        for (int half = 0; half < 2; half++)
        {
            float total = rowSum(sum[part][half]);
            int row = firstRow + part * 16 + lane() / 4 + half * 8;
            if (row < shape.context)
            {
                element* to = output + (rowsBefore(shape) + row) * outputStride + head * HEAD_WIDTH + lane() % 4 * 2;
                float share = 1.0f / total;
                UNROLL
                for (int tile = 0; tile < CHANNEL_TILES; tile++)
                {
                    storePair(to + tile * 8, mixed[part][tile][2 * half] * share, mixed[part][tile][2 * half + 1] * share);
                }

                if (logSumExp && lane() % 4 == 0)
                {
                    logSumExp[(rowsBefore(shape) + row) * shape.heads + head] = (largest[part][half] + logarithmOfTwo(total)) * LN_2;
                }
            }
        }
    }
}

// What passes by in the backward: 64 or 32 rows of both kinds, and of queries their statistics (log-sum-exp in base 2, delta).
struct PassingTile
{
    bfloat16 first[PASSING][PITCH];
    bfloat16 second[PASSING][PITCH];
    float logSumExp[PASSING];
    float delta[PASSING];
};

// The backward's own rows, two tiles that pass by, and of the kernel that does all gradients the score gradients [keys, queries] of a meeting.
template <int Own>
struct BackwardTiles
{
    bfloat16 first[Own][PITCH];
    bfloat16 second[Own][PITCH];
    PassingTile passing[2];
};

struct GradientTiles
{
    BackwardTiles<128> own;
    bfloat16 slopes[128][PASSING + 8];
};

static_assert(sizeof(BackwardTiles<64>) == BACKWARD_SHARED_BYTES, "the host gives the backward another amount of shared memory");
static_assert(sizeof(GradientTiles) == GRADIENT_SHARED_BYTES, "the host gives the backward another amount of shared memory");

// A warp's 16 own rows as left factors: held in registers where there are enough, else read from shared memory each time.
template <bool Held>
struct OwnRows
{
    u32 first[Held ? STEPS : 1][4];
    u32 second[Held ? STEPS : 1][4];
};

template <bool Held, int Own>
DEVICE void hold(OwnRows<Held>& rows, const BackwardTiles<Own>& tiles)
{
    UNROLL
    for (int step = 0; step < (Held ? STEPS : 0); step++)
    {
        loadLeft(rows.first[step], tiles.first, warp() * 16, step * 16);
        loadLeft(rows.second[step], tiles.second, warp() * 16, step * 16);
    }
}

// sums[16 own, 16 passing] += own · passingᵀ.
template <bool Held, int Own>
DEVICE void multiplyRows(float* sums, const u32 (&held)[Held ? STEPS : 1][4], const bfloat16 (&own)[Own][PITCH],
    const bfloat16 (&passing)[PASSING][PITCH], int row)
{
    UNROLL
    for (int step = 0; step < STEPS; step++)
    {
        u32 left[4], right[4];
        loadRightOfRows(right, passing, row, step * 16);
        if (!Held)
        {
            loadLeft(left, own, warp() * 16, step * 16);
        }

        multiplyMatrices(sums, Held ? held[Held ? step : 0] : left, right);
        multiplyMatrices(sums + 4, Held ? held[Held ? step : 0] : left, right + 2);
    }
}

// sums[16 own, D] += left[16 own, 16 passing] · passing[16 passing, D].
DEVICE void addRows(float (&sums)[STEPS * 2][4], const float* factors, const bfloat16 (&passing)[PASSING][PITCH], int row)
{
    u32 left[4];
    toLeft(left, factors);
    UNROLL
    for (int step = 0; step < STEPS; step++)
    {
        u32 right[4];
        loadRight(right, passing, row, step * 16);
        multiplyMatrices(sums[2 * step], left, right);
        multiplyMatrices(sums[2 * step + 1], left, right + 2);
    }
}

// The part that all gradients share. A warp's 16 own rows (queries, or keys) from `ownRow` on meet PASSING rows of the other kind:
// scores = first · passing firstᵀ, slopes = second · passing secondᵀ with (first, second) = (q, output gradient) or (k, v);
// score gradient = probability · (slope − delta); gradient += score gradient · passing first; and with own keys,
// valueGradient += probability · passing second. Sixteen passing rows that no own one sees, or is seen by, are passed over.
// logSumExp and delta: of the own rows of this lane (queries), else those of the passing tile. slopesTile: receives the score gradients of
// the warp's keys, or null.
template <bool OwnKeys, bool Held, int Own>
DEVICE void meet(const OwnRows<Held>& rows, const BackwardTiles<Own>& tiles, const PassingTile& passing, float (&gradient)[STEPS * 2][4],
    float (&valueGradient)[STEPS * 2][4], const float* logSumExp, const float* delta, bfloat16 (*slopesTile)[PASSING + 8], int ownRow,
    int passingRow, AttentionShape shape, float fall)
{
    float scale = shape.scale * LOG2_E;
    UNROLL
    for (int group = 0; group < PASSING / 16; group++)
    {
        int firstPassing = passingRow + group * 16;
        int firstQuery = OwnKeys ? firstPassing : ownRow;
        int firstKey = OwnKeys ? ownRow : firstPassing;
        float scores[8] = {}; // [16 own, 16 passing]
        float slopes[8] = {};
        bool any = firstKey <= firstQuery + 15 && firstKey + 15 >= firstKeySeen(shape, firstQuery) && firstQuery < shape.context;
        if (any)
        {
            multiplyRows<Held>(scores, rows.first, tiles.first, passing.first, group * 16);
            multiplyRows<Held>(slopes, rows.second, tiles.second, passing.second, group * 16);
            bool whole = sees(shape, firstQuery, firstKey + 15) && sees(shape, firstQuery + 15, firstKey) && !shape.slopes;
            UNROLL
            for (int i = 0; i < 8; i++)
            {
                int own = i / 2 % 2;
                int other = group * 16 + i / 4 * 8 + lane() % 4 * 2 + i % 2;
                int statistic = OwnKeys ? other : own;
                float score = scores[i] * scale;
                if (!whole)
                {
                    int query = OwnKeys ? passingRow + other : ownRow + lane() / 4 + own * 8;
                    int key = OwnKeys ? ownRow + lane() / 4 + own * 8 : passingRow + other;
                    score = sees(shape, query, key) ? score - fall * (query - key) : HIDDEN;
                }

                float probability = powerOfTwo(score - logSumExp[statistic]);
                slopes[i] = probability * (slopes[i] - delta[statistic]);
                scores[i] = probability;
            }

            addRows(gradient, slopes, passing.first, group * 16);
            if (OwnKeys)
            {
                addRows(valueGradient, scores, passing.second, group * 16);
            }
        }

        if (slopesTile)
        {
            UNROLL
            for (int i = 0; i < 4; i++)
            {
                storePair(&slopesTile[warp() * 16 + lane() / 4 + i % 2 * 8][group * 16 + i / 2 * 8 + lane() % 4 * 2],
                    slopes[2 * i], slopes[2 * i + 1]);
            }
        }
    }
}

// Writes 16 own rows of a warp.
DEVICE void writeRows(element* to, int stride, const float (&sums)[STEPS * 2][4], int row, int context, float factor)
{
    UNROLL
    for (int half = 0; half < 2; half++)
    {
        if (row + half * 8 < context)
        {
            UNROLL
            for (int tile = 0; tile < CHANNEL_TILES; tile++)
            {
                storePair(to + (i64)(row + half * 8) * stride + tile * 8 + lane() % 4 * 2,
                    sums[tile][2 * half] * factor, sums[tile][2 * half + 1] * factor);
            }
        }
    }
}

// Starts the copy of queries and of their output's gradient, and reads their statistics.
template <int Threads>
DEVICE void copyQueries(PassingTile& passing, const element* q, const element* outputGradient, const float* logSumExp, const float* delta,
    int qStride, int outputGradientStride, int first, int head, AttentionShape shape)
{
    copyTile<Threads>(passing.first, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, first, shape.context);
    copyTile<Threads>(passing.second, outputGradient + rowsBefore(shape) * outputGradientStride + head * HEAD_WIDTH, outputGradientStride,
        first, shape.context);
    if (threadX() < PASSING)
    {
        bool inside = first + threadX() < shape.context;
        i64 place = (rowsBefore(shape) + first + threadX()) * shape.heads + head;
        passing.logSumExp[threadX()] = inside ? logSumExp[place] * LOG2_E : 1e30f;
        passing.delta[threadX()] = inside ? delta[place] : 0.0f;
    }
}

KERNEL(128) attentionQueryGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta, element* RESTRICT qGradient,
    int qStride, int kStride, int vStride, int outputGradientStride, int qGradientStride, AttentionShape shape)
{
    DYNAMIC_SHARED(BackwardTiles<64>, tiles);
    int firstQuery = (gridX() - 1 - blockX()) * 64;
    int head = blockY();
    int keyValueHead = head / (shape.heads / shape.keyValueHeads);
    const element* kHead = k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH;
    const element* vHead = v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH;
    int first = firstKeySeen(shape, firstQuery) / PASSING * PASSING;
    int end = firstQuery + 64 < shape.context ? firstQuery + 64 : shape.context;
    copyTile<128>(tiles->first, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, firstQuery, shape.context);
    copyTile<128>(tiles->second, outputGradient + rowsBefore(shape) * outputGradientStride + head * HEAD_WIDTH, outputGradientStride,
        firstQuery, shape.context);
    copyCommit();
    copyTile<128>(tiles->passing[0].first, kHead, kStride, first, shape.context);
    copyTile<128>(tiles->passing[0].second, vHead, vStride, first, shape.context);
    copyCommit();

    int firstRow = firstQuery + warp() * 16;
    float rowLogSumExp[2], rowDelta[2];
    UNROLL
    for (int half = 0; half < 2; half++)
    {
        int row = firstRow + lane() / 4 + half * 8;
        i64 place = (rowsBefore(shape) + row) * shape.heads + head;
        rowLogSumExp[half] = row < shape.context ? logSumExp[place] * LOG2_E : 1e30f;
        rowDelta[half] = row < shape.context ? delta[place] : 0.0f;
    }

    OwnRows<true> rows;
    copyWait<1>();
    blockBarrier();
    hold(rows, *tiles);

    float gradient[STEPS * 2][4] = {};
    float none[STEPS * 2][4];
    float fall = fallOf(shape, head);
    for (int stage = 0; first < end; first += PASSING, stage ^= 1)
    {
        if (first + PASSING < end)
        {
            copyTile<128>(tiles->passing[stage ^ 1].first, kHead, kStride, first + PASSING, shape.context);
            copyTile<128>(tiles->passing[stage ^ 1].second, vHead, vStride, first + PASSING, shape.context);
        }

        copyCommit();
        copyWait<1>();
        blockBarrier();
        meet<false>(rows, *tiles, tiles->passing[stage], gradient, none, rowLogSumExp, rowDelta, nullptr, firstRow, first, shape, fall);
        blockBarrier();
    }

    writeRows(qGradient + rowsBefore(shape) * qGradientStride + head * HEAD_WIDTH, qGradientStride, gradient, firstRow + lane() / 4,
        shape.context, shape.scale);
}

// Keys and values take twice the sums of queries, so that of wide heads their own rows do not fit in registers beside them.
#define HOLDS_KEYS (HEAD_WIDTH <= 64)

KERNEL(128) attentionKeyValueGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta,
    element* RESTRICT kGradient, element* RESTRICT vGradient,
    int qStride, int kStride, int vStride, int outputGradientStride, int kGradientStride, int vGradientStride, AttentionShape shape)
{
    DYNAMIC_SHARED(BackwardTiles<64>, tiles);
    int firstKey = blockX() * 64;
    int keyValueHead = blockY();
    int sharing = shape.heads / shape.keyValueHeads;
    int meetings = (firstQueryBeyond(shape, firstKey + 63) - firstKey + PASSING - 1) / PASSING; // with the queries of a head
    copyTile<128>(tiles->first, k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH, kStride, firstKey, shape.context);
    copyTile<128>(tiles->second, v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH, vStride, firstKey, shape.context);
    copyCommit();
    copyQueries<128>(tiles->passing[0], q, outputGradient, logSumExp, delta, qStride, outputGradientStride, firstKey,
        keyValueHead * sharing, shape);
    copyCommit();

    OwnRows<HOLDS_KEYS> rows;
    copyWait<1>();
    blockBarrier();
    hold(rows, *tiles);

    int firstRow = firstKey + warp() * 16;
    float gradient[STEPS * 2][4] = {};
    float valueGradient[STEPS * 2][4] = {};
    for (int i = 0; i < sharing * meetings; i++)
    {
        int head = keyValueHead * sharing + i / meetings;
        if (i + 1 < sharing * meetings)
        {
            copyQueries<128>(tiles->passing[(i + 1) % 2], q, outputGradient, logSumExp, delta, qStride, outputGradientStride,
                firstKey + (i + 1) % meetings * PASSING, keyValueHead * sharing + (i + 1) / meetings, shape);
        }

        copyCommit();
        copyWait<1>();
        blockBarrier();
        const PassingTile& passing = tiles->passing[i % 2];
        meet<true>(rows, *tiles, passing, gradient, valueGradient, passing.logSumExp, passing.delta, nullptr, firstRow,
            firstKey + i % meetings * PASSING, shape, fallOf(shape, head));
        blockBarrier();
    }

    int row = firstRow + lane() / 4;
    if (kGradient)
    {
        writeRows(kGradient + rowsBefore(shape) * kGradientStride + keyValueHead * HEAD_WIDTH, kGradientStride, gradient, row,
            shape.context, shape.scale);
    }

    if (vGradient)
    {
        writeRows(vGradient + rowsBefore(shape) * vGradientStride + keyValueHead * HEAD_WIDTH, vGradientStride, valueGradient, row,
            shape.context, 1.0f);
    }
}

// Adds the share of 128 keys in the gradient of PASSING queries: sums (floats [R, heads · D]) += score gradients · keys, over the keys in
// order. The first keys that a query sees begin its sum, the last ones end it. Eight warps: 16 queries and a share of the channels each.
DEVICE void addQueryGradient(const GradientTiles& tiles, float* sums, element* qGradient, int qGradientStride, int firstQuery, int firstKey,
    int head, AttentionShape shape)
{
    const int QueryGroups = PASSING / 16;
    const int ChannelParts = 8 / QueryGroups;
    int query = warp() % QueryGroups * 16;
    bool begins = firstKey == firstKeySeen(shape, firstQuery) / 128 * 128;
    bool ends = firstKey == firstQuery / 128 * 128;
    for (int step = warp() / QueryGroups; step < STEPS; step += ChannelParts)
    {
        float added[2][4] = {};
        UNROLL
        for (int group = 0; group < 8; group++)
        {
            u32 left[4], right[4];
            loadMatricesTransposed(left, tiles.slopes,
                ((lane() / 16 * 8 + lane() % 8) * (PASSING + 8) + lane() / 8 % 2 * 8 + query) * 2 + group * 16 * (PASSING + 8) * 2);
            loadRight(right, tiles.own.first, group * 16, step * 16);
            multiplyMatrices(added[0], left, right);
            multiplyMatrices(added[1], left, right + 2);
        }

        UNROLL
        for (int i = 0; i < 4; i++)
        {
            int tile = step * 2 + i / 2;
            int row = firstQuery + query + lane() / 4 + i % 2 * 8;
            if (tile < CHANNEL_TILES && row < shape.context)
            {
                float* sum = sums + ((rowsBefore(shape) + row) * shape.heads + head) * HEAD_WIDTH + tile * 8 + lane() % 4 * 2;
                float x = added[i / 2][i % 2 * 2] + (begins ? 0.0f : sum[0]);
                float y = added[i / 2][i % 2 * 2 + 1] + (begins ? 0.0f : sum[1]);
                if (ends)
                {
                    storePair(qGradient + (rowsBefore(shape) + row) * qGradientStride + head * HEAD_WIDTH + tile * 8 + lane() % 4 * 2,
                        x * shape.scale, y * shape.scale);
                }
                else
                {
                    sum[0] = x;
                    sum[1] = y;
                }
            }
        }
    }
}

// All gradients in one pass, which computes scores once: five products in place of seven. A block owns a key-value head of a sequence, goes
// through its keys, 128 at a time, and through the queries that see them, and keeps the sums of the queries' gradients in memory (`sums`,
// floats [R, heads · D]), to which it alone adds. Grid: (1, key-value heads, sequences).
KERNEL(256) attentionGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta, float* RESTRICT sums,
    element* RESTRICT qGradient, element* RESTRICT kGradient, element* RESTRICT vGradient, int qStride, int kStride, int vStride,
    int outputGradientStride, int qGradientStride, int kGradientStride, int vGradientStride, AttentionShape shape)
{
    DYNAMIC_SHARED(GradientTiles, tiles);
    int keyValueHead = blockY();
    int sharing = shape.heads / shape.keyValueHeads;
    for (int firstKey = 0; firstKey < shape.context; firstKey += 128)
    {
        int meetings = (firstQueryBeyond(shape, firstKey + 127) - firstKey + PASSING - 1) / PASSING;
        copyTile<256>(tiles->own.first, k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH, kStride, firstKey, shape.context);
        copyTile<256>(tiles->own.second, v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH, vStride, firstKey, shape.context);
        copyCommit();
        copyQueries<256>(tiles->own.passing[0], q, outputGradient, logSumExp, delta, qStride, outputGradientStride, firstKey,
            keyValueHead * sharing, shape);
        copyCommit();

        OwnRows<HOLDS_KEYS> rows;
        copyWait<1>();
        blockBarrier();
        hold(rows, tiles->own);

        int firstRow = firstKey + warp() * 16;
        float gradient[STEPS * 2][4] = {};
        float valueGradient[STEPS * 2][4] = {};
        for (int i = 0; i < sharing * meetings; i++)
        {
            int head = keyValueHead * sharing + i / meetings;
            int firstQuery = firstKey + i % meetings * PASSING;
            if (i + 1 < sharing * meetings)
            {
                copyQueries<256>(tiles->own.passing[(i + 1) % 2], q, outputGradient, logSumExp, delta, qStride, outputGradientStride,
                    firstKey + (i + 1) % meetings * PASSING, keyValueHead * sharing + (i + 1) / meetings, shape);
            }

            copyCommit();
            copyWait<1>();
            blockBarrier();
            const PassingTile& passing = tiles->own.passing[i % 2];
            meet<true>(rows, tiles->own, passing, gradient, valueGradient, passing.logSumExp, passing.delta, tiles->slopes, firstRow,
                firstQuery, shape, fallOf(shape, head));
            blockBarrier();
            addQueryGradient(*tiles, sums, qGradient, qGradientStride, firstQuery, firstKey, head, shape);
        }

        int row = firstRow + lane() / 4;
        writeRows(kGradient + rowsBefore(shape) * kGradientStride + keyValueHead * HEAD_WIDTH, kGradientStride, gradient, row, shape.context,
            shape.scale);
        writeRows(vGradient + rowsBefore(shape) * vGradientStride + keyValueHead * HEAD_WIDTH, vGradientStride, valueGradient, row,
            shape.context, 1.0f);
        blockBarrier(); // before the next keys take the place of these
    }
}

#endif
