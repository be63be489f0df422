// The optimizer's passes over flat arenas. Master weights, gradients and moments are float; `parameters` are the weights that products
// read, the masters themselves in float and their bf16 roundings otherwise.

// Rounds a stretch of master weights; nothing to do in float, where it is not called. Grid: any.
KERNEL(256) narrowParameters(const float* master, element* parameters, i64 count)
{
    for (i64 i = (i64)blockX() * 256 + threadX(); i < count; i += (i64)gridX() * 256)
    {
        store(parameters + i, master[i]);
    }
}

// partials[block] = the sum of x² over the block's contiguous share. The grid is fixed, so the order is too.
KERNEL(256) squareSums(const float* RESTRICT x, float* RESTRICT partials, i64 count)
{
    i64 share = (count + gridX() - 1) / gridX();
    i64 end = (blockX() + 1) * share < count ? (blockX() + 1) * share : count;
    float sum = 0;
    for (i64 i = blockX() * share + threadX(); i < end; i += 256)
    {
        sum += x[i] * x[i];
    }

    sum = blockSum(sum);
    if (threadX() == 0)
    {
        partials[blockX()] = sum;
    }
}

// result = {√Σ partials, the factor that brings it to clipNorm: 1 where it is no longer, or clipNorm is 0}. One thread.
KERNEL(32) gradientNorm(const float* RESTRICT partials, float* RESTRICT result, int count, float clipNorm)
{
    if (threadX() == 0)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += partials[i];
        }

        float norm = squareRoot((float)sum);
        result[0] = norm;
        result[1] = clipNorm > 0.0f && norm > clipNorm ? clipNorm / norm : 1.0f;
    }
}

// AdamW (arXiv 1711.05101) over a stretch that shares settings: m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p = kept · p − rate · m /
// (√v · root + ε), g = gradient · gradientFactor. settings = {β₁, 1 − β₁, β₂, 1 − β₂, kept = 1 − rate · decay, rate / (1 − β₁ᵗ),
// root = 1 / √(1 − β₂ᵗ), ε}, written by the host before each step, so that a captured graph never changes. Grid: any.
KERNEL(256) adamW(float* master, element* parameters, const float* RESTRICT gradients, float* RESTRICT firstMoment,
    float* RESTRICT secondMoment, const float* RESTRICT settings, const float* RESTRICT gradientFactor, i64 count)
{
    float factor = *gradientFactor;
    float beta1 = settings[0], rest1 = settings[1], beta2 = settings[2], rest2 = settings[3];
    float kept = settings[4], rate = settings[5], root = settings[6], epsilon = settings[7];
    for (i64 i = (i64)blockX() * 256 + threadX(); i < count; i += (i64)gridX() * 256)
    {
        float gradient = gradients[i] * factor;
        float first = beta1 * firstMoment[i] + rest1 * gradient;
        float second = beta2 * secondMoment[i] + rest2 * gradient * gradient;
        float weight = kept * master[i] - rate * first / (squareRoot(second) * root + epsilon);
        firstMoment[i] = first;
        secondMoment[i] = second;
        master[i] = weight;
#if defined(EMBEDDINGS_BF16)
        parameters[i] = narrow(weight);
#endif
    }
}
