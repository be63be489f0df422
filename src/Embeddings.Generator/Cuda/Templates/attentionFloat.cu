// Attention in float, with elements of either type; see attention.cu for what is computed.
#if !TENSOR_CORES

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
