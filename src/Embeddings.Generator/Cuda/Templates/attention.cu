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
