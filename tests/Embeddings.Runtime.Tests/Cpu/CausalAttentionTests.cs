using System.Numerics;
using CsCheck;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class CausalAttentionTests
{
    private static readonly Gen<Case> s_cases = Gen.Select(
        Gen.Int[1, 3], Gen.Int[1, 90], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 40], Gen.Int[0, 5], Gen.Int[0, int.MaxValue],
        (batch, context, groups, perGroup, width, pad, seed) => new Case(batch, context, groups * perGroup, groups, width, pad, seed));

    [Fact]
    public void Outputs_and_gradients_equal_plain_loops_in_single_precision() =>
        s_cases.Sample(EqualsPlainLoops<float>, iter: 60, threads: 1);

    [Fact]
    public void Outputs_and_gradients_equal_plain_loops_in_double_precision() =>
        s_cases.Sample(EqualsPlainLoops<double>, iter: 60, threads: 1);

    [Theory]
    [InlineData(1, 257, 2, 1, 64)]
    [InlineData(2, 128, 4, 4, 16)]
    [InlineData(1, 200, 1, 1, 128)]
    [InlineData(1, 65, 3, 3, 65)]
    [InlineData(1, 64, 8, 1, 8)]
    public void Long_contexts_equal_plain_loops(int batch, int context, int heads, int groups, int width)
    {
        EqualsPlainLoops<float>(new Case(batch, context, heads, groups, width, 0, context));
        EqualsPlainLoops<double>(new Case(batch, context, heads, groups, width, 3, context));
    }

    [Fact]
    public void Gradients_equal_central_differences() => s_cases.Where(test => test.Context * test.HeadWidth * test.Heads < 400).Sample(
        test =>
        {
            var random = new Random(test.Seed);
            using Tensors<double> tensors = new(test, random);
            tensors.Forward(Pools.One);
            tensors.Backward(Pools.One);
            double Loss()
            {
                tensors.Forward(Pools.One);
                double loss = 0;
                for (int i = 0; i < tensors.Output.Length; i++)
                {
                    loss += tensors.IsUsed(i, test.Heads) ? tensors.Output[i] * tensors.OutputGradient[i] : 0;
                }

                return loss;
            }

            foreach ((Buffer<double> values, Buffer<double> gradient, int heads) in tensors.Inputs())
            {
                for (int trial = 0; trial < 4; trial++)
                {
                    int at = random.Next((int)values.Length);
                    if (tensors.IsUsed(at, heads))
                    {
                        const double Step = 1e-5;
                        double original = values[at];
                        values[at] = original + Step;
                        double above = Loss();
                        values[at] = original - Step;
                        double below = Loss();
                        values[at] = original;
                        Assert.Equal((above - below) / (2 * Step), gradient[at], 1e-7 * (1 + Math.Abs(gradient[at])));
                    }
                }
            }
        },
        iter: 60,
        threads: 1);

    [Fact]
    public void Scores_far_from_zero_do_not_overflow()
    {
        var test = new Case(1, 70, 2, 2, 16, 0, 8);
        using Tensors<float> tensors = new(test, new Random(8));
        foreach (ref float value in tensors.Q.Span)
        {
            value *= 300;
        }

        tensors.ShouldEqualPlainLoops(2e-3);
    }

    [Fact]
    public void Bits_do_not_depend_on_the_threads()
    {
        var test = new Case(2, 150, 4, 2, 24, 2, 11);
        using Tensors<float> one = new(test, new Random(1)), three = new(test, new Random(1));
        one.Forward(Pools.One);
        one.Backward(Pools.One);
        three.Forward(Pools.Three);
        three.Backward(Pools.Three);
        three.Output.ShouldBeTheBitsOf(one.Output, "output");
        three.LogSumExp.ShouldBeTheBitsOf(one.LogSumExp, "log-sum-exp");
        three.DQ.ShouldBeTheBitsOf(one.DQ, "dQ");
        three.DK.ShouldBeTheBitsOf(one.DK, "dK");
        three.DV.ShouldBeTheBitsOf(one.DV, "dV");
    }

    [Fact]
    public void Later_positions_do_not_reach_earlier_ones()
    {
        var test = new Case(1, 130, 1, 1, 8, 0, 2);
        using Tensors<float> tensors = new(test, new Random(2));
        tensors.Forward(Pools.Two);
        using Buffer<float> before = tensors.Output.Copy();
        tensors.K.Span[(100 * 8)..].Fill(float.NaN);
        tensors.V.Span[(100 * 8)..].Fill(float.PositiveInfinity);
        tensors.Forward(Pools.Two);
        Assert.Equal(before.Span[..(100 * 8)].ToArray(), tensors.Output.Span[..(100 * 8)].ToArray());
    }

    [Fact]
    public void Heads_that_do_not_divide_are_refused()
    {
        using Tensors<float> tensors = new(new Case(1, 1, 3, 3, 4, 0, 1), new Random(1));
        float* x = tensors.Q.Pointer;
        Assert.Throws<ArgumentException>(
            () => CausalAttention.Forward(Pools.One, 1, 1, 3, 2, 4, 1, x, 12, x, 12, x, 12, x, 12, x));
    }

    private static void EqualsPlainLoops<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Tensors<T> tensors = new(test, new Random(test.Seed));
        tensors.ShouldEqualPlainLoops(Pools.Tolerance<T>());
    }

    private sealed record Case(int Batch, int Context, int Heads, int Groups, int HeadWidth, int Pad, int Seed);

    private sealed class Tensors<T> : IDisposable
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Case _case;
        private readonly int _rows;

        public Tensors(Case test, Random random)
        {
            _case = test;
            _rows = test.Batch * test.Context;
            Q = Buffer<T>.Random(random, (long)_rows * Stride(test.Heads));
            K = Buffer<T>.Random(random, (long)_rows * Stride(test.Groups));
            V = Buffer<T>.Random(random, (long)_rows * Stride(test.Groups));
            OutputGradient = Buffer<T>.Random(random, (long)_rows * Stride(test.Heads));
            Output = new Buffer<T>(Q.Length);
            LogSumExp = new Buffer<T>((long)_rows * test.Heads);
            DQ = Buffer<T>.Random(random, Q.Length);
            DK = Buffer<T>.Random(random, K.Length);
            DV = Buffer<T>.Random(random, V.Length);
        }

        public Buffer<T> Q { get; }

        public Buffer<T> K { get; }

        public Buffer<T> V { get; }

        public Buffer<T> Output { get; }

        public Buffer<T> OutputGradient { get; }

        public Buffer<T> LogSumExp { get; }

        public Buffer<T> DQ { get; }

        public Buffer<T> DK { get; }

        public Buffer<T> DV { get; }

        private double Scale => 1.1 / Math.Sqrt(_case.HeadWidth);

        public int Stride(int heads) => heads * _case.HeadWidth + _case.Pad;

        public bool IsUsed(int index, int heads) => index % Stride(heads) < heads * _case.HeadWidth;

        public (Buffer<T> Values, Buffer<T> Gradient, int Heads)[] Inputs() =>
            [(Q, DQ, _case.Heads), (K, DK, _case.Groups), (V, DV, _case.Groups)];

        public void Forward(WorkerPool pool) => CausalAttention.Forward(
            pool, _case.Batch, _case.Context, _case.Heads, _case.Groups, _case.HeadWidth, Scale, Q.Pointer, Stride(_case.Heads),
            K.Pointer, Stride(_case.Groups), V.Pointer, Stride(_case.Groups), Output.Pointer, Stride(_case.Heads), LogSumExp.Pointer);

        public void Backward(WorkerPool pool) => CausalAttention.Backward(
            pool, _case.Batch, _case.Context, _case.Heads, _case.Groups, _case.HeadWidth, Scale, Q.Pointer, Stride(_case.Heads),
            K.Pointer, Stride(_case.Groups), V.Pointer, Stride(_case.Groups), Output.Pointer, Stride(_case.Heads), LogSumExp.Pointer,
            OutputGradient.Pointer, Stride(_case.Heads), DQ.Pointer, Stride(_case.Heads), DK.Pointer, Stride(_case.Groups), DV.Pointer,
            Stride(_case.Groups));

        /// <summary>Attention and its gradient written down directly, in double.</summary>
        public void ShouldEqualPlainLoops(double tolerance)
        {
            int width = _case.HeadWidth, heads = _case.Heads, t = _case.Context;
            int qStride = Stride(heads), kStride = Stride(_case.Groups);
            double[] q = Q.ToDoubles(), k = K.ToDoubles(), v = V.ToDoubles(), g = OutputGradient.ToDoubles();
            double[] output = Output.ToDoubles(), logSums = new double[_rows * heads];
            double[] dQ = DQ.ToDoubles(), dK = DK.ToDoubles(), dV = DV.ToDoubles();
            ClearHeads(dQ, heads);
            ClearHeads(dK, _case.Groups);
            ClearHeads(dV, _case.Groups);
            var p = new double[t];
            var dP = new double[t];
            for (int row = 0; row < _rows; row++)
            {
                int first = row / t * t;
                for (int h = 0; h < heads; h++)
                {
                    int qAt = row * qStride + h * width, head = h / (heads / _case.Groups) * width;
                    int count = row - first + 1;
                    double largest = double.NegativeInfinity, sum = 0, delta = 0;
                    for (int s = 0; s < count; s++)
                    {
                        p[s] = 0;
                        for (int j = 0; j < width; j++)
                        {
                            p[s] += Scale * q[qAt + j] * k[(first + s) * kStride + head + j];
                        }

                        largest = Math.Max(largest, p[s]);
                    }

                    for (int s = 0; s < count; s++)
                    {
                        sum += Math.Exp(p[s] - largest);
                    }

                    logSums[row * heads + h] = largest + Math.Log(sum);
                    for (int j = 0; j < width; j++)
                    {
                        output[qAt + j] = 0;
                    }

                    for (int s = 0; s < count; s++)
                    {
                        p[s] = Math.Exp(p[s] - largest) / sum;
                        dP[s] = 0;
                        for (int j = 0; j < width; j++)
                        {
                            output[qAt + j] += p[s] * v[(first + s) * kStride + head + j];
                            dP[s] += g[qAt + j] * v[(first + s) * kStride + head + j];
                            dV[(first + s) * kStride + head + j] += p[s] * g[qAt + j];
                        }

                        delta += p[s] * dP[s];
                    }

                    for (int s = 0; s < count; s++)
                    {
                        double dS = p[s] * (dP[s] - delta) * Scale;
                        for (int j = 0; j < width; j++)
                        {
                            dQ[qAt + j] += dS * k[(first + s) * kStride + head + j];
                            dK[(first + s) * kStride + head + j] += dS * q[qAt + j];
                        }
                    }
                }
            }

            Forward(Pools.Two);
            Backward(Pools.Two);
            Output.ShouldEqual(output, tolerance, $"{_case}: output");
            LogSumExp.ShouldEqual(logSums, tolerance, $"{_case}: log-sum-exp");
            double scale = 1 + Math.Max(Largest(q), Largest(k));
            DQ.ShouldEqual(dQ, tolerance * scale, $"{_case}: dQ");
            DK.ShouldEqual(dK, tolerance * scale, $"{_case}: dK");
            DV.ShouldEqual(dV, tolerance, $"{_case}: dV");
        }

        public void Dispose()
        {
            foreach (Buffer<T> buffer in new[] { Q, K, V, Output, OutputGradient, LogSumExp, DQ, DK, DV })
            {
                buffer.Dispose();
            }
        }

        private static double Largest(double[] values) => values.Max(Math.Abs);

        private void ClearHeads(double[] values, int heads)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = IsUsed(i, heads) ? 0 : values[i];
            }
        }
    }
}
