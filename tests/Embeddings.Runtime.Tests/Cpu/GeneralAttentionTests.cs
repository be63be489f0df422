using System.Numerics;
using CsCheck;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

/// <summary>Attention with windows, slopes and bounded distances, against plain loops over explicit probabilities.</summary>
public sealed unsafe class GeneralAttentionTests
{
    private static readonly Gen<Case> s_cases = Gen.Select(
        Gen.Int[1, 2], Gen.Int[1, 40], Gen.Int[1, 2], Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[0, 12], Gen.Bool, Gen.Int[0, 1 << 20],
        (batch, context, groups, perGroup, width, window, slopes, seed) =>
            new Case(batch, context, groups * perGroup, groups, width, window, slopes, seed));

    [Fact]
    public void Outputs_and_gradients_equal_plain_loops_in_single_precision() => s_cases.Sample(Check<float>, iter: 60, threads: 1);

    [Fact]
    public void Outputs_and_gradients_equal_plain_loops_in_double_precision() => s_cases.Sample(Check<double>, iter: 60, threads: 1);

    /// <summary>
    /// The gradient at each distance is what its definition says, with random output gradients at every distance; parts that nobody asks
    /// for are left out, and summed over all distances with the same output gradient at the query's own target the whole gradient is left.
    /// </summary>
    private static void Check<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(test.Seed);
        int rows = test.Batch * test.Context;
        int wide = test.Heads * test.Width;
        int narrow = test.Groups * test.Width;
        int distance = random.Next(test.Context);
        int channels = distance + 1;
        double scale = 1 / Math.Sqrt(test.Width);
        using Buffer<T> q = Buffer<T>.Random(random, (long)rows * wide), k = Buffer<T>.Random(random, (long)rows * narrow);
        using Buffer<T> v = Buffer<T>.Random(random, (long)rows * narrow), gradient = Buffer<T>.Random(random, (long)rows * wide * channels);
        using Buffer<T> output = new((long)rows * wide), logSumExp = new((long)rows * test.Heads);
        using Buffer<T> dQ = new((long)rows * wide), dK = new((long)rows * narrow), dV = new((long)rows * narrow);
        GeneralAttention.Forward(
            Pools.Two, test.Batch, test.Context, test.Heads, test.Groups, test.Width, scale, test.Window, test.Slopes,
            q.Pointer, wide, k.Pointer, narrow, v.Pointer, narrow, output.Pointer, wide, logSumExp.Pointer);
        var naive = new Naive(test, Doubles(q), Doubles(k), Doubles(v), scale);
        ShouldBeClose<T>(naive.Output(), output, "output");

        double[] all = Doubles(gradient);
        double[] Channel(int channel) => [.. Enumerable.Range(0, rows * wide).Select(i => all[i / wide * wide * channels + channel * wide + i % wide])];
        T* last = gradient.Pointer + (long)distance * wide;
        Backward(distance, last, (long)wide * channels);
        (double[] nQ, double[] nK, double[] nV) = naive.Gradients(distance, Channel);
        ShouldBeClose<T>(nQ, dQ, "dQ at a distance");
        ShouldBeClose<T>(nK, dK, "dK at a distance");
        ShouldBeClose<T>(nV, dV, "dV at a distance");

        Backward(GeneralAttention.AnyDistance, last, (long)wide * channels);
        (nQ, nK, nV) = naive.Gradients(int.MaxValue, _ => Channel(distance));
        ShouldBeClose<T>(nQ, dQ, "dQ");
        ShouldBeClose<T>(nK, dK, "dK");
        ShouldBeClose<T>(nV, dV, "dV");

        using Buffer<T> alone = new((long)rows * narrow);
        GeneralAttention.Backward(
            Pools.One, test.Batch, test.Context, test.Heads, test.Groups, test.Width, scale, test.Window, test.Slopes,
            GeneralAttention.AnyDistance, q.Pointer, wide, k.Pointer, narrow, v.Pointer, narrow, output.Pointer, wide, logSumExp.Pointer,
            last, (long)wide * channels, null, 0, alone.Pointer, narrow, null, 0);
        alone.ShouldBeTheBitsOf(dK, "dK alone");

        void Backward(int at, T* outputGradient, long stride) => GeneralAttention.Backward(
            Pools.Three, test.Batch, test.Context, test.Heads, test.Groups, test.Width, scale, test.Window, test.Slopes, at,
            q.Pointer, wide, k.Pointer, narrow, v.Pointer, narrow, output.Pointer, wide, logSumExp.Pointer, outputGradient, stride,
            dQ.Pointer, wide, dK.Pointer, narrow, dV.Pointer, narrow);
    }

    private static double[] Doubles<T>(Buffer<T> buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. buffer.Span.ToArray().Select(double.CreateTruncating)];

    private static void ShouldBeClose<T>(double[] expected, Buffer<T> actual, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double tolerance = typeof(T) == typeof(float) ? 2e-5 : 1e-12;
        for (int i = 0; i < expected.Length; i++)
        {
            double value = double.CreateTruncating(actual.Span[i]);
            Assert.True(Math.Abs(expected[i] - value) <= tolerance * (10 + Math.Abs(expected[i])), $"{what}[{i}]: expected {expected[i]}, got {value}");
        }
    }

    private sealed record Case(int Batch, int Context, int Heads, int Groups, int Width, int Window, bool Slopes, int Seed);

    /// <summary>Probabilities of every pair, written out.</summary>
    private sealed class Naive(Case test, double[] q, double[] k, double[] v, double scale)
    {
        private int Wide => test.Heads * test.Width;

        private int Narrow => test.Groups * test.Width;

        public double[] Output()
        {
            double[] output = new double[q.Length];
            ForEachPair((b, head, t, s, p) =>
            {
                for (int c = 0; c < test.Width; c++)
                {
                    output[At(b, t, Wide, head) + c] += p * v[At(b, s, Narrow, Group(head)) + c];
                }
            });
            return output;
        }

        /// <summary>A pair hands on the gradient of the channel that its own distance leaves of the whole.</summary>
        public (double[] Q, double[] K, double[] V) Gradients(int distance, Func<int, double[]> channel)
        {
            double[] dQ = new double[q.Length], dK = new double[k.Length], dV = new double[v.Length];
            double[] output = Output();
            double[][] channels = [.. Enumerable.Range(0, distance == int.MaxValue ? 1 : distance + 1).Select(channel)];
            ForEachPair((b, head, t, s, p) =>
            {
                double[] whole = channels[^1];
                double toQuery = ScoreGradient(whole);
                bool reaches = distance == int.MaxValue || t - s <= distance;
                double[]? left = !reaches ? null : distance == int.MaxValue ? whole : channels[distance - (t - s)];
                double toKey = left is null ? 0 : ScoreGradient(left);
                for (int c = 0; c < test.Width; c++)
                {
                    dQ[At(b, t, Wide, head) + c] += toQuery * k[At(b, s, Narrow, Group(head)) + c];
                    if (left is not null)
                    {
                        dK[At(b, s, Narrow, Group(head)) + c] += toKey * q[At(b, t, Wide, head) + c];
                        dV[At(b, s, Narrow, Group(head)) + c] += p * left[At(b, t, Wide, head) + c];
                    }
                }

                double ScoreGradient(double[] gradient)
                {
                    double sum = 0;
                    for (int c = 0; c < test.Width; c++)
                    {
                        int at = At(b, t, Wide, head) + c;
                        sum += gradient[at] * (v[At(b, s, Narrow, Group(head)) + c] - output[at]);
                    }

                    return p * sum * scale;
                }
            });
            return (dQ, dK, dV);
        }

        private void ForEachPair(Action<int, int, int, int, double> visit)
        {
            for (int b = 0; b < test.Batch; b++)
            {
                for (int head = 0; head < test.Heads; head++)
                {
                    for (int t = 0; t < test.Context; t++)
                    {
                        int first = test.Window == 0 ? 0 : Math.Max(0, t - test.Window + 1);
                        double[] scores = [.. Enumerable.Range(first, t + 1 - first).Select(s => Score(b, head, t, s))];
                        double sum = scores.Sum(Math.Exp);
                        for (int s = first; s <= t; s++)
                        {
                            visit(b, head, t, s, Math.Exp(scores[s - first]) / sum);
                        }
                    }
                }
            }
        }

        private double Score(int b, int head, int t, int s)
        {
            double sum = 0;
            for (int c = 0; c < test.Width; c++)
            {
                sum += q[At(b, t, Wide, head) + c] * k[At(b, s, Narrow, Group(head)) + c];
            }

            return sum * scale - (test.Slopes ? Math.Pow(2, -8.0 * (head + 1) / test.Heads) * (t - s) : 0);
        }

        private int Group(int head) => head / (test.Heads / test.Groups);

        private int At(int b, int t, int stride, int head) => (b * test.Context + t) * stride + head * test.Width;
    }
}
