// Muon (Jordan et al., 2024, kellerjordan.github.io/posts/muon) but for its products: momentum before them, the norm that they start from,
// and the step after them. Master weights, gradients and momentum are float; x, which the products read, is of elements.
// settings = {μ, kept = 1 − rate · decay, rate}, written by the host before each step. Grids: any.

// m = μm + g; direction = g + μm, g = gradient · gradientFactor.
KERNEL(256) muonMomentum(const float* RESTRICT gradients, float* RESTRICT momentum, float* RESTRICT direction,
    const float* RESTRICT settings, const float* RESTRICT gradientFactor, i64 count)
{
    float factor = *gradientFactor;
    float decay = settings[0];
    for (i64 i = (i64)blockX() * 256 + threadX(); i < count; i += (i64)gridX() * 256)
    {
        float gradient = gradients[i] * factor;
        float moving = decay * momentum[i] + gradient;
        momentum[i] = moving;
        direction[i] = decay * moving + gradient;
    }
}

// x = direction / (norm + 10⁻⁷), which keeps an empty gradient from a division by 0.
KERNEL(256) muonScale(const float* RESTRICT direction, element* RESTRICT x, const float* RESTRICT norm, i64 count)
{
    float scale = 1.0f / (*norm + 1e-7f);
    for (i64 i = (i64)blockX() * 256 + threadX(); i < count; i += (i64)gridX() * 256)
    {
        store(x + i, direction[i] * scale);
    }
}

// p = kept · p − rate · shape · x.
KERNEL(256) muonStep(float* master, element* parameters, const element* RESTRICT x, const float* RESTRICT settings, float shape, i64 count)
{
    float kept = settings[1];
    float rate = settings[2] * shape;
    for (i64 i = (i64)blockX() * 256 + threadX(); i < count; i += (i64)gridX() * 256)
    {
        float weight = kept * master[i] - rate * load1(x + i);
        master[i] = weight;
#if defined(EMBEDDINGS_BF16)
        parameters[i] = narrow(weight);
#endif
    }
}
