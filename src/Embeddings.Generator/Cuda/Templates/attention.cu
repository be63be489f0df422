// Causal attention without the T × T matrix: softmax over tiles of keys with running statistics, and a backward that computes the
// probabilities again from the row's log-sum-exp (arXiv 2205.14135, 2307.08691). Three kernels, each owning what it writes, so that nothing
// is added from two places: the forward owns 64 queries of a head, the gradient of queries likewise, the gradient of keys and values owns 64
// keys of a key-value head and goes through the query heads that share it, in order.
//
// HEAD_WIDTH (D) is given. Head h of row r lies at x + r · stride + h · D; heads / keyValueHeads query heads share a key-value head.
// Scores are kept in base 2: score · log2 e. logSumExp and delta are [R, heads] floats; delta[r, h] = Σ output · its gradient.
// Grid of all but attentionDelta and attentionDistantGradient: (⌈T / 64⌉, heads, sequences), 128 threads.
//
// A query sees itself and the keys before it, of a window only the nearest; tiles that no query of a block sees are not visited. With
// slopes, the score of head h falls by 2^(−8(h + 1)/heads) for each position of distance (arXiv 2108.12409).
//
// Two ways to multiply: with tensor cores where elements are bf16 and D is a multiple of 8 up to 128, else in float, two lanes a row.

#if defined(EMBEDDINGS_BF16) && HEAD_WIDTH % 8 == 0 && HEAD_WIDTH <= 128
#define TENSOR_CORES 1
#else
#define TENSOR_CORES 0
#endif

// What all kernels know of their place. window: positions that a query sees, itself included; the context where it sees all.
struct AttentionShape
{
    int context, heads, keyValueHeads;
    float scale;
    int window, slopes;
};

DEVICE i64 rowsBefore(AttentionShape shape) { return (i64)blockZ() * shape.context; }

DEVICE bool sees(AttentionShape shape, int query, int key) { return key <= query && key > query - shape.window; }

// The first key that any query from this one on sees, and the first query that sees no key up to this one.
DEVICE int firstKeySeen(AttentionShape shape, int query) { return query < shape.window ? 0 : query - shape.window + 1; }
DEVICE int firstQueryBeyond(AttentionShape shape, int key)
{
    return key + shape.window < shape.context ? key + shape.window : shape.context;
}

// What a head's score in base 2 loses for each position of distance.
DEVICE float fallOf(AttentionShape shape, int head)
{
    return shape.slopes ? powerOfTwo(-8.0f * (float)(head + 1) / (float)shape.heads) * LOG2_E : 0.0f;
}

// delta[r, h]; warp: one (row, head) pair.
KERNEL(256) attentionDelta(const element* RESTRICT output, const element* RESTRICT outputGradient, float* RESTRICT delta,
    int rows, int heads, int outputStride, int outputGradientStride)
{
    int pair = blockX() * 8 + warp();
    if (pair < rows * heads)
    {
        const element* o = output + (i64)(pair / heads) * outputStride + pair % heads * HEAD_WIDTH;
        const element* g = outputGradient + (i64)(pair / heads) * outputGradientStride + pair % heads * HEAD_WIDTH;
        float sum = 0;
        for (int channel = lane(); channel < HEAD_WIDTH; channel += 32)
        {
            sum += load1(o + channel) * load1(g + channel);
        }

        sum = warpSum(sum);
        if (lane() == 0)
        {
            delta[pair] = sum;
        }
    }
}

// Gradients of keys and values for the targets at one distance d after them. outputGradient holds, side by side and each heads · D wide, the
// output's gradient for targets at distance 0, 1, … d, and points at the last of them. A key at s receives from the queries at s … s + d,
// from the one at s + δ what its output received from its targets at distance d − δ: probability · that gradient goes to the value, and
// probability · (gradient · (value − output)) · query to the key. At d = 0 keys and values of earlier positions are constants.
// kGradient or vGradient may be null. Grid: (⌈T / 8⌉, key-value heads, sequences); warp: one key, a lane the channels lane, lane + 32, ….
KERNEL(256) attentionDistantGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT output, const element* RESTRICT outputGradient, const float* RESTRICT logSumExp,
    element* RESTRICT kGradient, element* RESTRICT vGradient, int qStride, int kStride, int vStride, int outputStride,
    int outputGradientStride, int kGradientStride, int vGradientStride, AttentionShape shape, int distance)
{
    const int Channels = (HEAD_WIDTH + 31) / 32;
    int position = blockX() * 8 + warp();
    if (position < shape.context)
    {
        int keyValueHead = blockY();
        int sharing = shape.heads / shape.keyValueHeads;
        i64 row = rowsBefore(shape) + position;
        float key[Channels], value[Channels];
        float gradient[Channels] = {};
        float valueGradient[Channels] = {};
        UNROLL
        for (int i = 0; i < Channels; i++)
        {
            int channel = lane() + 32 * i;
            key[i] = channel < HEAD_WIDTH ? load1(k + row * kStride + keyValueHead * HEAD_WIDTH + channel) : 0.0f;
            value[i] = channel < HEAD_WIDTH ? load1(v + row * vStride + keyValueHead * HEAD_WIDTH + channel) : 0.0f;
        }

        int end = firstQueryBeyond(shape, position);
        for (int head = keyValueHead * sharing; head < (keyValueHead + 1) * sharing; head++)
        {
            float fall = fallOf(shape, head);
            for (int far = 0; far <= distance && position + far < end; far++)
            {
                const element* queryAt = q + (row + far) * qStride + head * HEAD_WIDTH;
                const element* outputAt = output + (row + far) * outputStride + head * HEAD_WIDTH;
                const element* gradientAt = outputGradient + (row + far) * outputGradientStride + (head - far * shape.heads) * HEAD_WIDTH;
                float query[Channels], received[Channels];
                float score = 0;
                float slope = 0;
                UNROLL
                for (int i = 0; i < Channels; i++)
                {
                    int channel = lane() + 32 * i;
                    bool inside = channel < HEAD_WIDTH;
                    query[i] = inside ? load1(queryAt + channel) : 0.0f;
                    received[i] = inside ? load1(gradientAt + channel) : 0.0f;
                    score += query[i] * key[i];
                    slope += received[i] * (value[i] - (inside ? load1(outputAt + channel) : 0.0f));
                }

                score = warpSum(score) * shape.scale * LOG2_E - fall * far;
                slope = warpSum(slope);
                float probability = powerOfTwo(score - logSumExp[(row + far) * shape.heads + head] * LOG2_E);
                UNROLL
                for (int i = 0; i < Channels; i++)
                {
                    gradient[i] += probability * slope * query[i];
                    valueGradient[i] += probability * received[i];
                }
            }
        }

        UNROLL
        for (int i = 0; i < Channels; i++)
        {
            int channel = lane() + 32 * i;
            if (kGradient && channel < HEAD_WIDTH)
            {
                store(kGradient + row * kGradientStride + keyValueHead * HEAD_WIDTH + channel, gradient[i] * shape.scale);
            }

            if (vGradient && channel < HEAD_WIDTH)
            {
                store(vGradient + row * vGradientStride + keyValueHead * HEAD_WIDTH + channel, valueGradient[i]);
            }
        }
    }
}

// The score of a key that a query does not see: below where the largest score starts, so that its weight is 0 in a row that has seen none.
#define HIDDEN -2e30f

#if TENSOR_CORES

// A head is rounded up to whole fragments with zeros. Rows of a tile in shared memory are padded by 16 bytes, so that the eight rows of a
// fragment load fall on different banks.
#define STEPS ((HEAD_WIDTH + 15) / 16)
#define PITCH (STEPS * 16 + 8)

// Rows of the tile that passes by in the backward, so that four tiles fit in 48 KiB.
#define PASSING (HEAD_WIDTH <= 64 ? 64 : HEAD_WIDTH <= 96 ? 32 : 16)

// Starts the copy of rows first … first + Rows − 1 of a head; rows past the sequence's end become zeros.
template <int Rows>
DEVICE void copyTile(bfloat16 (&tile)[Rows][PITCH], const bfloat16* x, int stride, int first, int context)
{
    for (int i = threadX(); i < Rows * STEPS * 2; i += 128)
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
    loadMatrices(fragment, &tile[row + lane() % 16][channel + lane() / 16 * 8]);
}

// Right factor, transposed: 16 rows × 16 channels, as two fragments of 16 channels × 8 rows.
template <int Rows>
DEVICE void loadRightOfRows(u32* fragment, const bfloat16 (&tile)[Rows][PITCH], int row, int channel)
{
    loadMatrices(fragment, &tile[row + lane() / 16 * 8 + lane() % 8][channel + lane() / 8 % 2 * 8]);
}

// Right factor: 16 rows × 16 channels, as two fragments of 16 rows × 8 channels.
template <int Rows>
DEVICE void loadRight(u32* fragment, const bfloat16 (&tile)[Rows][PITCH], int row, int channel)
{
    loadMatricesTransposed(fragment, &tile[row + lane() % 16][channel + lane() / 16 * 8]);
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

// Tiles of eight channels that a head has, of the STEPS · 2 that fragments hold.
#define CHANNEL_TILES (HEAD_WIDTH / 8)

// A warp owns 16 queries and sees 64 keys at a time. The copy of values runs under the scores, that of the next keys under the mixing.
KERNEL(128) attentionForward(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v, element* RESTRICT output,
    float* RESTRICT logSumExp, int qStride, int kStride, int vStride, int outputStride, AttentionShape shape)
{
    ALIGNED(16) SHARED bfloat16 keys[64][PITCH];
    ALIGNED(16) SHARED bfloat16 values[64][PITCH];
    int firstQuery = (gridX() - 1 - blockX()) * 64; // the longest rows first
    int head = blockY();
    int keyValueHead = head / (shape.heads / shape.keyValueHeads);
    const element* kHead = k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH;
    const element* vHead = v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH;

    u32 query[STEPS][4];
    copyTile(keys, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, firstQuery, shape.context);
    copyCommit();
    copyWait<0>();
    blockBarrier();
    UNROLL
    for (int step = 0; step < STEPS; step++)
    {
        loadLeft(query[step], keys, warp() * 16, step * 16);
    }

    int firstKey = firstKeySeen(shape, firstQuery) / 64 * 64;
    blockBarrier();
    copyTile(keys, kHead, kStride, firstKey, shape.context);
    copyCommit();

    float mixed[STEPS * 2][4] = {};
    float largest[2] = {-1e30f, -1e30f};
    float sum[2] = {0.0f, 0.0f};
    int row = firstQuery + warp() * 16 + lane() / 4; // and row + 8
    float scale = shape.scale * LOG2_E;
    float fall = fallOf(shape, head);
    for (int first = firstKey; first < firstQuery + 64 && first < shape.context; first += 64)
    {
        copyWait<0>();
        blockBarrier();
        copyTile(values, vHead, vStride, first, shape.context);
        copyCommit();

        float scores[8][4] = {}; // [16 queries, 64 keys]
        UNROLL
        for (int group = 0; group < 4; group++)
        {
            UNROLL
            for (int step = 0; step < STEPS; step++)
            {
                u32 right[4];
                loadRightOfRows(right, keys, group * 16, step * 16);
                multiplyMatrices(scores[2 * group], query[step], right);
                multiplyMatrices(scores[2 * group + 1], query[step], right + 2);
            }
        }

        copyWait<0>();
        blockBarrier();
        if (first + 64 < firstQuery + 64 && first + 64 < shape.context)
        {
            copyTile(keys, kHead, kStride, first + 64, shape.context);
        }

        copyCommit();

        UNROLL
        for (int tile = 0; tile < 8; tile++)
        {
            UNROLL
            for (int i = 0; i < 4; i++)
            {
                scores[tile][i] *= scale;
            }
        }

        int firstRow = firstQuery + warp() * 16;
        if (shape.slopes || !sees(shape, firstRow, first + 63) || !sees(shape, firstRow + 15, first))
        {
            UNROLL
            for (int tile = 0; tile < 8; tile++)
            {
                UNROLL
                for (int i = 0; i < 4; i++)
                {
                    int query = row + i / 2 * 8;
                    int key = first + tile * 8 + lane() % 4 * 2 + i % 2;
                    scores[tile][i] = sees(shape, query, key) ? scores[tile][i] - fall * (query - key) : HIDDEN;
                }
            }
        }

        float most[2] = {largest[0], largest[1]};
        UNROLL
        for (int tile = 0; tile < 8; tile++)
        {
            UNROLL
            for (int i = 0; i < 4; i++)
            {
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

        UNROLL
        for (int group = 0; group < 4; group++)
        {
            u32 left[4];
            toLeft(left, scores[2 * group]);
            UNROLL
            for (int step = 0; step < STEPS; step++)
            {
                u32 right[4];
                loadRight(right, values, group * 16, step * 16);
                multiplyMatrices(mixed[2 * step], left, right);
                multiplyMatrices(mixed[2 * step + 1], left, right + 2);
            }
        }
    }

    UNROLL
    for (int half = 0; half < 2; half++)
    {
        float total = rowSum(sum[half]);
        int query = row + half * 8;
        if (query < shape.context)
        {
            element* to = output + (rowsBefore(shape) + query) * outputStride + head * HEAD_WIDTH + lane() % 4 * 2;
            float share = 1.0f / total;
            UNROLL
            for (int tile = 0; tile < CHANNEL_TILES; tile++)
            {
                storePair(to + tile * 8, mixed[tile][2 * half] * share, mixed[tile][2 * half + 1] * share);
            }

            if (logSumExp && lane() % 4 == 0)
            {
                logSumExp[(rowsBefore(shape) + query) * shape.heads + head] = (largest[half] + logarithmOfTwo(total)) * LN_2;
            }
        }
    }
}

// The part that both gradients share. 64 own rows (queries, or keys) meet `PASSING` rows of the other kind:
// scores = first · passingFirstᵀ, slopes = second · passingSecondᵀ with (first, second) = (q, output gradient) or (k, v);
// score gradient = probability · (slope − delta); gradient += score gradient · passingFirst; and with own keys,
// valueGradient += probability · passingSecond.
struct AttentionTiles
{
    bfloat16 first[64][PITCH];
    bfloat16 second[64][PITCH];
    bfloat16 passingFirst[PASSING][PITCH];
    bfloat16 passingSecond[PASSING][PITCH];
};

// statistics: log-sum-exp in base 2 and delta, of the own rows of this lane (queries), or of the passing rows (keys).
template <bool OwnKeys>
DEVICE void meet(AttentionTiles& tiles, float (&gradient)[STEPS * 2][4], float (&valueGradient)[STEPS * 2][4],
    const float* logSumExp, const float* delta, int ownRow, int passingRow, AttentionShape shape, float fall)
{
    float scale = shape.scale * LOG2_E;
    UNROLL
    for (int group = 0; group < PASSING / 16; group++)
    {
        float scores[8] = {}; // [16 own, 16 passing]
        float slopes[8] = {};
        UNROLL
        for (int step = 0; step < STEPS; step++)
        {
            u32 left[4], right[4];
            loadLeft(left, tiles.first, warp() * 16, step * 16);
            loadRightOfRows(right, tiles.passingFirst, group * 16, step * 16);
            multiplyMatrices(scores, left, right);
            multiplyMatrices(scores + 4, left, right + 2);
            loadLeft(left, tiles.second, warp() * 16, step * 16);
            loadRightOfRows(right, tiles.passingSecond, group * 16, step * 16);
            multiplyMatrices(slopes, left, right);
            multiplyMatrices(slopes + 4, left, right + 2);
        }

        UNROLL
        for (int i = 0; i < 8; i++)
        {
            int own = i / 2 % 2;
            int passing = group * 16 + i / 4 * 8 + lane() % 4 * 2 + i % 2;
            int statistic = OwnKeys ? passing : own;
            int query = OwnKeys ? passingRow + passing : ownRow + own * 8;
            int key = OwnKeys ? ownRow + own * 8 : passingRow + passing;
            float score = scores[i] * scale - fall * (query - key);
            float probability = sees(shape, query, key) ? powerOfTwo(score - logSumExp[statistic]) : 0.0f;
            slopes[i] = probability * (slopes[i] - delta[statistic]);
            scores[i] = probability;
        }

        u32 left[4];
        toLeft(left, slopes);
        UNROLL
        for (int step = 0; step < STEPS; step++)
        {
            u32 right[4];
            loadRight(right, tiles.passingFirst, group * 16, step * 16);
            multiplyMatrices(gradient[2 * step], left, right);
            multiplyMatrices(gradient[2 * step + 1], left, right + 2);
        }

        if (OwnKeys)
        {
            toLeft(left, scores);
            UNROLL
            for (int step = 0; step < STEPS; step++)
            {
                u32 right[4];
                loadRight(right, tiles.passingSecond, group * 16, step * 16);
                multiplyMatrices(valueGradient[2 * step], left, right);
                multiplyMatrices(valueGradient[2 * step + 1], left, right + 2);
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

KERNEL(128) attentionQueryGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta, element* RESTRICT qGradient,
    int qStride, int kStride, int vStride, int outputGradientStride, int qGradientStride, AttentionShape shape)
{
    ALIGNED(16) SHARED AttentionTiles tiles;
    int firstQuery = (gridX() - 1 - blockX()) * 64;
    int head = blockY();
    int keyValueHead = head / (shape.heads / shape.keyValueHeads);
    const element* kHead = k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH;
    const element* vHead = v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH;
    copyTile(tiles.first, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, firstQuery, shape.context);
    copyTile(tiles.second, outputGradient + rowsBefore(shape) * outputGradientStride + head * HEAD_WIDTH, outputGradientStride,
        firstQuery, shape.context);

    int row = firstQuery + warp() * 16 + lane() / 4;
    float rowLogSumExp[2], rowDelta[2];
    UNROLL
    for (int half = 0; half < 2; half++)
    {
        bool inside = row + half * 8 < shape.context;
        i64 place = (rowsBefore(shape) + row + half * 8) * shape.heads + head;
        rowLogSumExp[half] = inside ? logSumExp[place] * LOG2_E : 1e30f;
        rowDelta[half] = inside ? delta[place] : 0.0f;
    }

    float gradient[STEPS * 2][4] = {};
    float none[STEPS * 2][4];
    float fall = fallOf(shape, head);
    for (int first = firstKeySeen(shape, firstQuery) / PASSING * PASSING; first < firstQuery + 64 && first < shape.context; first += PASSING)
    {
        copyTile(tiles.passingFirst, kHead, kStride, first, shape.context);
        copyTile(tiles.passingSecond, vHead, vStride, first, shape.context);
        copyCommit();
        copyWait<0>();
        blockBarrier();
        meet<false>(tiles, gradient, none, rowLogSumExp, rowDelta, row, first, shape, fall);
        blockBarrier();
    }

    writeRows(qGradient + rowsBefore(shape) * qGradientStride + head * HEAD_WIDTH, qGradientStride, gradient, row, shape.context, shape.scale);
}

KERNEL(128) attentionKeyValueGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta,
    element* RESTRICT kGradient, element* RESTRICT vGradient,
    int qStride, int kStride, int vStride, int outputGradientStride, int kGradientStride, int vGradientStride, AttentionShape shape)
{
    ALIGNED(16) SHARED AttentionTiles tiles;
    SHARED float passingLogSumExp[PASSING];
    SHARED float passingDelta[PASSING];
    int firstKey = blockX() * 64;
    int keyValueHead = blockY();
    int sharing = shape.heads / shape.keyValueHeads;
    int end = firstQueryBeyond(shape, firstKey + 63);
    copyTile(tiles.first, k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH, kStride, firstKey, shape.context);
    copyTile(tiles.second, v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH, vStride, firstKey, shape.context);

    int row = firstKey + warp() * 16 + lane() / 4;
    float gradient[STEPS * 2][4] = {};
    float valueGradient[STEPS * 2][4] = {};
    for (int head = keyValueHead * sharing; head < (keyValueHead + 1) * sharing; head++)
    {
        const element* qHead = q + rowsBefore(shape) * qStride + head * HEAD_WIDTH;
        const element* gradientHead = outputGradient + rowsBefore(shape) * outputGradientStride + head * HEAD_WIDTH;
        float fall = fallOf(shape, head);
        for (int first = firstKey; first < end; first += PASSING)
        {
            copyTile(tiles.passingFirst, qHead, qStride, first, shape.context);
            copyTile(tiles.passingSecond, gradientHead, outputGradientStride, first, shape.context);
            copyCommit();
            if (threadX() < PASSING)
            {
                bool inside = first + threadX() < shape.context;
                i64 place = (rowsBefore(shape) + first + threadX()) * shape.heads + head;
                passingLogSumExp[threadX()] = inside ? logSumExp[place] * LOG2_E : 1e30f;
                passingDelta[threadX()] = inside ? delta[place] : 0.0f;
            }

            copyWait<0>();
            blockBarrier();
            meet<true>(tiles, gradient, valueGradient, passingLogSumExp, passingDelta, row, first, shape, fall);
            blockBarrier();
        }
    }

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

#else // in float

// Two neighbouring lanes own a row, half of the channels each, the last of an odd number together with a zero; a tile of the other kind's
// rows lies in shared memory.
#define HALF ((HEAD_WIDTH + 1) / 2)
#define WIDE (HALF * 2)
#define TILE (HEAD_WIDTH <= 128 ? 32 : 4096 / HEAD_WIDTH)

// Rows first … first + TILE − 1 of a head times a factor; zeros past the sequence's end.
DEVICE void copyTile(float (&tile)[TILE][WIDE], const element* x, int stride, int first, int context, float factor)
{
    for (int i = threadX(); i < TILE * WIDE; i += 128)
    {
        int row = first + i / WIDE;
        int channel = i % WIDE;
        tile[i / WIDE][channel] = row < context && channel < HEAD_WIDTH ? load1(x + (i64)row * stride + channel) * factor : 0.0f;
    }
}

// This lane's channels of one row.
DEVICE void loadHalf(float (&half)[HALF], const element* x, int stride, int row, int context)
{
    for (int i = 0; i < HALF; i++)
    {
        int channel = threadX() % 2 * HALF + i;
        half[i] = row < context && channel < HEAD_WIDTH ? load1(x + (i64)row * stride + channel) : 0.0f;
    }
}

DEVICE void storeHalf(element* x, const float (&half)[HALF], int stride, int row, int context, float factor)
{
    if (row < context)
    {
        for (int i = 0; i < HALF; i++)
        {
            int channel = threadX() % 2 * HALF + i;
            if (channel < HEAD_WIDTH)
            {
                store(x + (i64)row * stride + channel, half[i] * factor);
            }
        }
    }
}

DEVICE float dot(const float (&half)[HALF], const float* row)
{
    float sum = 0;
    UNROLL
    for (int i = 0; i < HALF; i++)
    {
        sum += half[i] * row[threadX() % 2 * HALF + i];
    }

    return sum + shuffleXor(sum, 1);
}

DEVICE void addScaled(float (&half)[HALF], const float* row, float factor)
{
    UNROLL
    for (int i = 0; i < HALF; i++)
    {
        half[i] += factor * row[threadX() % 2 * HALF + i];
    }
}

KERNEL(128) attentionForward(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v, element* RESTRICT output,
    float* RESTRICT logSumExp, int qStride, int kStride, int vStride, int outputStride, AttentionShape shape)
{
    SHARED float keys[TILE][WIDE];
    SHARED float values[TILE][WIDE];
    int firstQuery = blockX() * 64;
    int row = firstQuery + threadX() / 2;
    int head = blockY();
    int keyValueHead = head / (shape.heads / shape.keyValueHeads);
    float query[HALF];
    float mixed[HALF] = {};
    float largest = -1e30f;
    float sum = 0;
    loadHalf(query, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, row, shape.context);
    float fall = fallOf(shape, head);
    for (int first = firstKeySeen(shape, firstQuery) / TILE * TILE; first < firstQuery + 64 && first < shape.context; first += TILE)
    {
        blockBarrier();
        copyTile(keys, k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH, kStride, first, shape.context, shape.scale * LOG2_E);
        copyTile(values, v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH, vStride, first, shape.context, 1.0f);
        blockBarrier();
        for (int i = 0; i < TILE; i++)
        {
            float score = dot(query, keys[i]) - fall * (row - first - i);
            if (sees(shape, row, first + i))
            {
                float most = larger(largest, score);
                float shrink = powerOfTwo(largest - most);
                float weight = powerOfTwo(score - most);
                largest = most;
                sum = sum * shrink + weight;
                for (int j = 0; j < HALF; j++)
                {
                    mixed[j] = mixed[j] * shrink + weight * values[i][threadX() % 2 * HALF + j];
                }
            }
        }
    }

    storeHalf(output + rowsBefore(shape) * outputStride + head * HEAD_WIDTH, mixed, outputStride, row, shape.context, 1.0f / sum);
    if (logSumExp && row < shape.context && threadX() % 2 == 0)
    {
        logSumExp[(rowsBefore(shape) + row) * shape.heads + head] = (largest + logarithmOfTwo(sum)) * LN_2;
    }
}

KERNEL(128) attentionQueryGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta, element* RESTRICT qGradient,
    int qStride, int kStride, int vStride, int outputGradientStride, int qGradientStride, AttentionShape shape)
{
    SHARED float keys[TILE][WIDE];
    SHARED float values[TILE][WIDE];
    int firstQuery = blockX() * 64;
    int row = firstQuery + threadX() / 2;
    int head = blockY();
    int keyValueHead = head / (shape.heads / shape.keyValueHeads);
    float query[HALF], slope[HALF];
    float gradient[HALF] = {};
    loadHalf(query, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, row, shape.context);
    loadHalf(slope, outputGradient + rowsBefore(shape) * outputGradientStride + head * HEAD_WIDTH, outputGradientStride, row, shape.context);
    bool inside = row < shape.context;
    i64 place = (rowsBefore(shape) + row) * shape.heads + head;
    float rowLogSumExp = inside ? logSumExp[place] * LOG2_E : 1e30f;
    float rowDelta = inside ? delta[place] : 0.0f;
    float fall = fallOf(shape, head);
    for (int first = firstKeySeen(shape, firstQuery) / TILE * TILE; first < firstQuery + 64 && first < shape.context; first += TILE)
    {
        blockBarrier();
        copyTile(keys, k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH, kStride, first, shape.context, 1.0f);
        copyTile(values, v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH, vStride, first, shape.context, 1.0f);
        blockBarrier();
        for (int i = 0; i < TILE; i++)
        {
            float score = dot(query, keys[i]) * shape.scale * LOG2_E - fall * (row - first - i);
            float valueSlope = dot(slope, values[i]);
            float probability = sees(shape, row, first + i) ? powerOfTwo(score - rowLogSumExp) : 0.0f;
            addScaled(gradient, keys[i], probability * (valueSlope - rowDelta));
        }
    }

    storeHalf(qGradient + rowsBefore(shape) * qGradientStride + head * HEAD_WIDTH, gradient, qGradientStride, row, shape.context, shape.scale);
}

KERNEL(128) attentionKeyValueGradient(const element* RESTRICT q, const element* RESTRICT k, const element* RESTRICT v,
    const element* RESTRICT outputGradient, const float* RESTRICT logSumExp, const float* RESTRICT delta,
    element* RESTRICT kGradient, element* RESTRICT vGradient,
    int qStride, int kStride, int vStride, int outputGradientStride, int kGradientStride, int vGradientStride, AttentionShape shape)
{
    SHARED float queries[TILE][WIDE];
    SHARED float slopes[TILE][WIDE];
    SHARED float passingLogSumExp[TILE];
    SHARED float passingDelta[TILE];
    int firstKey = blockX() * 64;
    int row = firstKey + threadX() / 2;
    int keyValueHead = blockY();
    int sharing = shape.heads / shape.keyValueHeads;
    int end = firstQueryBeyond(shape, firstKey + 63);
    float key[HALF], value[HALF];
    float gradient[HALF] = {};
    float valueGradient[HALF] = {};
    loadHalf(key, k + rowsBefore(shape) * kStride + keyValueHead * HEAD_WIDTH, kStride, row, shape.context);
    loadHalf(value, v + rowsBefore(shape) * vStride + keyValueHead * HEAD_WIDTH, vStride, row, shape.context);
    for (int head = keyValueHead * sharing; head < (keyValueHead + 1) * sharing; head++)
    {
        const element* gradientHead = outputGradient + rowsBefore(shape) * outputGradientStride + head * HEAD_WIDTH;
        float fall = fallOf(shape, head);
        for (int first = firstKey; first < end; first += TILE)
        {
            blockBarrier();
            copyTile(queries, q + rowsBefore(shape) * qStride + head * HEAD_WIDTH, qStride, first, shape.context, 1.0f);
            copyTile(slopes, gradientHead, outputGradientStride, first, shape.context, 1.0f);
            if (threadX() < TILE)
            {
                bool inside = first + threadX() < shape.context;
                i64 place = (rowsBefore(shape) + first + threadX()) * shape.heads + head;
                passingLogSumExp[threadX()] = inside ? logSumExp[place] * LOG2_E : 1e30f;
                passingDelta[threadX()] = inside ? delta[place] : 0.0f;
            }

            blockBarrier();
            for (int i = 0; i < TILE; i++)
            {
                float score = dot(key, queries[i]) * shape.scale * LOG2_E - fall * (first + i - row);
                float valueSlope = dot(value, slopes[i]);
                float probability = sees(shape, first + i, row) ? powerOfTwo(score - passingLogSumExp[i]) : 0.0f;
                addScaled(valueGradient, slopes[i], probability);
                addScaled(gradient, queries[i], probability * (valueSlope - passingDelta[i]));
            }
        }
    }

    if (kGradient)
    {
        storeHalf(kGradient + rowsBefore(shape) * kGradientStride + keyValueHead * HEAD_WIDTH, gradient, kGradientStride, row,
            shape.context, shape.scale);
    }

    if (vGradient)
    {
        storeHalf(vGradient + rowsBefore(shape) * vGradientStride + keyValueHead * HEAD_WIDTH, valueGradient, vGradientStride, row,
            shape.context, 1.0f);
    }
}

#endif
