namespace Embeddings.Runtime.Tests.Parity;

/// <summary>
/// Layers of a transformer and their derivatives in double, by loops over the textbook formulas. Nothing here calls the runtime: it is
/// what the runtime is compared with.
/// </summary>
internal static class NaiveMath
{
    public const double NormEpsilon = 1e-5;

    /// <summary>y[r, n] = Σ_k x[r, k]·w[n, k] + b[n].</summary>
    public static double[] Linear(double[] x, double[] w, double[]? b, int inputs)
    {
        int rows = x.Length / inputs, outputs = w.Length / inputs;
        var y = new double[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int n = 0; n < outputs; n++)
            {
                double sum = b?[n] ?? 0;
                for (int k = 0; k < inputs; k++)
                {
                    sum += x[r * inputs + k] * w[n * inputs + k];
                }

                y[r * outputs + n] = sum;
            }
        }

        return y;
    }

    /// <summary>dx[r, k] = Σ_n dy[r, n]·w[n, k]; dw[n, k] += Σ_r dy[r, n]·x[r, k]; db[n] += Σ_r dy[r, n].</summary>
    public static double[] LinearBackward(double[] dy, double[] x, double[] w, int inputs, double[] dw, double[]? db)
    {
        int rows = x.Length / inputs, outputs = w.Length / inputs;
        var dx = new double[x.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int n = 0; n < outputs; n++)
            {
                double g = dy[r * outputs + n];
                if (db is not null)
                {
                    db[n] += g;
                }

                for (int k = 0; k < inputs; k++)
                {
                    dx[r * inputs + k] += g * w[n * inputs + k];
                    dw[n * inputs + k] += g * x[r * inputs + k];
                }
            }
        }

        return dx;
    }

    /// <summary>(x − mean)/√(variance + ε)·gain + bias for each row; RMSNorm has no mean and no bias. Null gain is 1.</summary>
    public static double[] Norm(double[] x, int columns, bool rms, double[]? gain, double[]? bias)
    {
        var y = new double[x.Length];
        for (int first = 0; first < x.Length; first += columns)
        {
            (double mean, double scale) = Statistics(x, first, columns, rms);
            for (int c = 0; c < columns; c++)
            {
                y[first + c] = (x[first + c] - mean) * scale * (gain?[c] ?? 1) + (bias?[c] ?? 0);
            }
        }

        return y;
    }

    /// <summary>With n the normalised row and g = dy·gain: dx = s(g − mean(g) − n·mean(g·n)); RMSNorm has no mean(g).</summary>
    public static double[] NormBackward(
        double[] dy, double[] x, int columns, bool rms, double[]? gain, double[]? dGain, double[]? dBias)
    {
        var dx = new double[x.Length];
        for (int first = 0; first < x.Length; first += columns)
        {
            (double mean, double scale) = Statistics(x, first, columns, rms);
            double meanOfG = 0, meanOfProduct = 0;
            for (int c = 0; c < columns; c++)
            {
                double n = (x[first + c] - mean) * scale;
                double g = dy[first + c] * (gain?[c] ?? 1);
                meanOfG += g / columns;
                meanOfProduct += g * n / columns;
                if (dGain is not null)
                {
                    dGain[c] += dy[first + c] * n;
                }

                if (dBias is not null)
                {
                    dBias[c] += dy[first + c];
                }
            }

            for (int c = 0; c < columns; c++)
            {
                double n = (x[first + c] - mean) * scale;
                dx[first + c] = scale * (dy[first + c] * (gain?[c] ?? 1) - (rms ? 0 : meanOfG) - n * meanOfProduct);
            }
        }

        return dx;
    }

    /// <summary>½u(1 + tanh(√(2/π)(u + 0.044715u³))) and its derivative.</summary>
    public static (double Value, double Slope) Gelu(double u)
    {
        double root = Math.Sqrt(2 / Math.PI);
        double t = Math.Tanh(root * (u + 0.044715 * u * u * u));
        return (0.5 * u * (1 + t), 0.5 * (1 + t) + 0.5 * u * (1 - t * t) * root * (1 + 3 * 0.044715 * u * u));
    }

    /// <summary>max(u, 0)² and its derivative.</summary>
    public static (double Value, double Slope) SquaredRelu(double u) => u > 0 ? (u * u, 2 * u) : (0, 0);

    /// <summary>u/(1 + e⁻ᵘ) and its derivative.</summary>
    public static (double Value, double Slope) Silu(double u)
    {
        double sigmoid = 1 / (1 + Math.Exp(-u));
        return (u * sigmoid, sigmoid * (1 + u * (1 - sigmoid)));
    }

    /// <summary>Turns channels j and j + D/2 of every head by sign · position · 10000^(−2j/D), in place.</summary>
    public static void Rotate(double[] x, int heads, int headWidth, int context, int sign)
    {
        int half = headWidth / 2, rowWidth = heads * headWidth;
        for (int r = 0; r < x.Length / rowWidth; r++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int j = 0; j < half; j++)
                {
                    double angle = sign * (r % context) / Math.Pow(10000, 2.0 * j / headWidth);
                    int a = r * rowWidth + h * headWidth + j, b = a + half;
                    (x[a], x[b]) = (x[a] * Math.Cos(angle) - x[b] * Math.Sin(angle), x[a] * Math.Sin(angle) + x[b] * Math.Cos(angle));
                }
            }
        }
    }

    private static (double Mean, double Scale) Statistics(double[] x, int first, int columns, bool rms)
    {
        double mean = 0;
        for (int c = 0; c < columns && !rms; c++)
        {
            mean += x[first + c] / columns;
        }

        double square = 0;
        for (int c = 0; c < columns; c++)
        {
            square += (x[first + c] - mean) * (x[first + c] - mean) / columns;
        }

        return (mean, 1 / Math.Sqrt(square + NormEpsilon));
    }
}
