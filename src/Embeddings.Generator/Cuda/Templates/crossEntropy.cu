// Softmax cross-entropy of a chunk of logits, turned into their gradient in place, and the logits of one row.

DEVICE float capped(float logit, float softCap)
{
    return softCap > 0.0f ? softCap * fineHyperbolicTangent(logit / softCap) : logit;
}

// Folds (largest, sum of 2^(x − largest)) of another part into this one.
DEVICE void merge(float& largest, float& sum, float otherLargest, float otherSum)
{
    float both = larger(largest, otherLargest);
    sum = sum * powerOfTwo(largest - both) + otherSum * powerOfTwo(otherLargest - both);
    largest = both;
}

// losses[r] = log Σ exp(logits[r]) − logits[r, target], in nats, summed in float, or nothing where losses is null; with gradients, logits[r, v]
// becomes weight · gradientScale · lossWeights[r] · (softmax − [v = target]) · dcap; without weights (null) they are 1. Capped logits are
// c · tanh(x / c). The target is the one `ahead` positions later: targets[r + ahead], or −1 where the sequence, `context` rows of which `first` of
// the pass is r = 0, ends before. Target −1: loss and gradients are 0.
// Block: one row; rows in reverse order, because the last ones written by the product are still in cache.
KERNEL(512) crossEntropy(element* logits, const int* RESTRICT targets, float* RESTRICT losses, const float* RESTRICT gradientScale,
    const float* RESTRICT lossWeights, int vocabulary, int stride, float softCap, int withGradients, int first, int context, int ahead, float weight)
{
    SHARED float largestOf[16];
    SHARED float sumOf[16];
    int row = gridX() - 1 - blockX();
    element* x = logits + (i64)row * stride;
    int target = (first + row) % context + ahead < context ? targets[row + ahead] : -1;

    // Largest logit and sum in base 2: of a thread's columns, its warp's lanes, then the warps, always in the same order.
    float largest = -1e30f;
    float sum = 0;
    for (int column = threadX(); column < vocabulary; column += 512)
    {
        merge(largest, sum, capped(load1(x + column), softCap) * LOG2_E, 1.0f);
    }

    float warpMost = warpLargest(largest);
    sum = warpSum(sum * powerOfTwo(largest - warpMost));
    if (lane() == 0)
    {
        largestOf[warp()] = warpMost;
        sumOf[warp()] = sum;
    }

    blockBarrier();
    largest = -1e30f;
    sum = 0;
    for (int i = 0; i < 16; i++)
    {
        merge(largest, sum, largestOf[i], sumOf[i]);
    }

    if (threadX() == 0 && losses)
    {
        losses[row] = target < 0 ? 0.0f : (largest + logarithmOfTwo(sum)) * LN_2 - capped(load1(x + target), softCap);
    }

    if (withGradients)
    {
        blockBarrier();
        float scale = target < 0 ? 0.0f : weight * *gradientScale * (lossWeights ? lossWeights[row] : 1.0f);
        float share = 1.0f / sum;
        for (int column = threadX(); column < vocabulary; column += 512)
        {
            float logit = capped(load1(x + column), softCap);
            float probability = powerOfTwo(logit * LOG2_E - largest) * share;
            float slope = softCap > 0.0f ? 1.0f - (logit / softCap) * (logit / softCap) : 1.0f;
            store(x + column, (probability - (column == target ? 1.0f : 0.0f)) * slope * scale);
        }
    }
}

// Capped logits of one row, as float. Thread: one logit.
KERNEL(256) cappedLogits(const element* RESTRICT logits, float* RESTRICT result, int vocabulary, float softCap)
{
    int column = blockX() * 256 + threadX();
    if (column < vocabulary)
    {
        result[column] = capped(load1(logits + column), softCap);
    }
}
