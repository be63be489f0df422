// What a product does to its sums, for libraries that cannot do it inside. c is [m, n] with rows `leading` apart, and holds the sums.
// Grid of the first three: (⌈n / 256⌉, at most m); a block goes through rows gridY apart.

// gelu(x) = x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³))), arXiv 1606.08415.
DEVICE float geluInner(float x) { return 0.7978845608f * (x + 0.044715f * x * x * x); }

KERNEL(256) addBias(element* c, const element* bias, int m, int n, int leading)
{
    int column = blockX() * 256 + threadX();
    if (column < n)
    {
        float add = load1(bias + column);
        for (int row = blockY(); row < m; row += gridY())
        {
            element* place = c + (i64)row * leading + column;
            store(place, load1(place) + add);
        }
    }
}

// auxiliary = c + bias, bias null being none; c = gelu(auxiliary).
KERNEL(256) biasGelu(element* c, const element* bias, element* auxiliary, int m, int n, int leading, int leadingAuxiliary)
{
    int column = blockX() * 256 + threadX();
    if (column < n)
    {
        float add = bias == 0 ? 0.0f : load1(bias + column);
        for (int row = blockY(); row < m; row += gridY())
        {
            element* place = c + (i64)row * leading + column;
            float x = load1(place) + add;
            store(auxiliary + (i64)row * leadingAuxiliary + column, x);
            store(place, 0.5f * x * (1.0f + hyperbolicTangent(geluInner(x))));
        }
    }
}

// c *= gelu'(auxiliary).
KERNEL(256) geluGradient(element* c, const element* auxiliary, int m, int n, int leading, int leadingAuxiliary)
{
    int column = blockX() * 256 + threadX();
    if (column < n)
    {
        for (int row = blockY(); row < m; row += gridY())
        {
            element* place = c + (i64)row * leading + column;
            float x = load1(auxiliary + (i64)row * leadingAuxiliary + column);
            float tanh = hyperbolicTangent(geluInner(x));
            float slope = 0.5f * (1.0f + tanh) + 0.5f * x * (1.0f - tanh * tanh) * 0.7978845608f * (1.0f + 3.0f * 0.044715f * x * x);
            store(place, load1(place) * slope);
        }
    }
}

// sums[i] = Σ x[i · along + j · across], j = 0 … terms − 1, in order. Thread: one sum.
KERNEL(256) sumsToSingle(const element* x, float* sums, int count, int terms, int along, int across)
{
    int i = blockX() * 256 + threadX();
    if (i < count)
    {
        float sum = 0;
        for (int j = 0; j < terms; j++)
        {
            sum += load1(x + (i64)i * along + (i64)j * across);
        }

        sums[i] = sum;
    }
}

KERNEL(256) sumsToElement(const element* x, element* sums, int count, int terms, int along, int across)
{
    int i = blockX() * 256 + threadX();
    if (i < count)
    {
        float sum = 0;
        for (int j = 0; j < terms; j++)
        {
            sum += load1(x + (i64)i * along + (i64)j * across);
        }

        store(sums + i, sum);
    }
}
