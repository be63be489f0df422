using System.Numerics;
using CsCheck;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class MatMulTests
{
    private static readonly Gen<Case> s_cases = Gen.Select(
        Gen.Int[1, 70], Gen.Int[1, 150], Gen.Int[1, 80], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[0, 5], Gen.Int[0, int.MaxValue],
        (m, n, k, aTransposed, bTransposed, accumulate, pad, seed) => new Case(m, n, k, aTransposed, bTransposed, accumulate, pad, seed));

    [Fact]
    public void A_product_equals_plain_loops_in_single_precision() => s_cases.Sample(EqualsPlainLoops<float>, iter: 150, threads: 1);

    [Fact]
    public void A_product_equals_plain_loops_in_double_precision() => s_cases.Sample(EqualsPlainLoops<double>, iter: 150, threads: 1);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 700, 3)]
    [InlineData(700, 1, 3)]
    [InlineData(6, 16, 321)]
    [InlineData(97, 241, 640)]
    [InlineData(5, 17, 1283)]
    [InlineData(193, 481, 33)]
    [InlineData(35, 256, 50)]
    [InlineData(70, 128, 129)]
    [InlineData(9, 512, 40)]
    [InlineData(33, 304, 30)]
    [InlineData(20, 6000, 400)]
    [InlineData(13, 30, 20_000)]
    [InlineData(70, 50, 1030)]
    [InlineData(130, 970, 800)]
    public void Blocks_in_every_direction_meet(int m, int n, int k)
    {
        foreach (bool aTransposed in new[] { false, true })
        {
            foreach (bool bTransposed in new[] { false, true })
            {
                foreach (bool accumulate in new[] { false, true })
                {
                    EqualsPlainLoops<float>(new Case(m, n, k, aTransposed, bTransposed, accumulate, 1, m + n + k));
                }
            }
        }
    }

    [Fact]
    public void An_epilogue_sees_every_finished_sum_once() => s_cases.Sample(EpilogueSeesEverySumOnce, iter: 100, threads: 1);

    [Theory]
    [InlineData(20, 1000, 400)]
    [InlineData(33, 976, 30)]
    [InlineData(8, 2400, 800)]
    public void An_epilogue_sees_every_stretch_of_few_rows(int m, int n, int k)
    {
        EpilogueSeesEverySumOnce(new Case(m, n, k, false, true, false, 1, m));
        EpilogueSeesEverySumOnce(new Case(m, n, k, false, false, false, 1, n));
    }

    [Fact]
    public void Stretches_given_to_an_epilogue_do_not_depend_on_the_threads()
    {
        const int M = 100, N = 1000, K = 7;
        var test = new Case(M, N, K, false, true, false, 0, 5);
        using Factors<float> factors = new(test, new Random(5));
        using Buffer<float> one = new(M * N), three = new(M * N);
        MatMul.Run(Pools.One, M, N, K, factors.A, factors.B, one.Pointer, N, new FirstColumn());
        MatMul.Run(Pools.Three, M, N, K, factors.A, factors.B, three.Pointer, N, new FirstColumn());
        three.ShouldBeTheBitsOf(one, "the first column of each stretch");
    }

    [Theory]
    [InlineData(300, 500, 400)]
    [InlineData(64, 2000, 64)]
    [InlineData(2048, 64, 96)]
    [InlineData(90, 70, 5000)]
    [InlineData(130, 970, 800)]
    [InlineData(24, 48, 1024)]
    [InlineData(300, 128, 4600)]
    public void Bits_do_not_depend_on_the_threads(int m, int n, int k)
    {
        foreach (bool aTransposed in new[] { false, true })
        {
            var test = new Case(m, n, k, aTransposed, !aTransposed, false, 0, 3);
            using Factors<float> factors = new(test, new Random(3));
            using Buffer<float> one = new((long)m * n), two = new((long)m * n), three = new((long)m * n);
            MatMul.Run(Pools.One, m, n, k, factors.A, factors.B, one.Pointer, n, accumulate: false);
            MatMul.Run(Pools.Two, m, n, k, factors.A, factors.B, two.Pointer, n, accumulate: false);
            MatMul.Run(Pools.Three, m, n, k, factors.A, factors.B, three.Pointer, n, accumulate: false);
            two.ShouldBeTheBitsOf(one, "the product of 2 threads");
            three.ShouldBeTheBitsOf(one, "the product of 3 threads");
        }
    }

    [Fact]
    public void A_weight_gradient_adds_the_product_and_the_column_sums() => s_cases.Sample(
        test =>
        {
            WeightGradientEqualsPlainLoops<float>(test);
            WeightGradientEqualsPlainLoops<double>(test);
        },
        iter: 80,
        threads: 1);

    [Theory]
    [InlineData(70, 50, 1100)]
    [InlineData(128, 128, 4700)]
    [InlineData(9, 33, 1024)]
    public void A_long_weight_gradient_adds_them_too(int outputs, int inputs, int tokens)
    {
        var test = new Case(outputs, inputs, tokens, false, false, true, 1, outputs + tokens);
        WeightGradientEqualsPlainLoops<float>(test);
        WeightGradientEqualsPlainLoops<double>(test);
    }

    [Fact]
    public void A_long_weight_gradient_has_the_same_bits_for_any_threads()
    {
        const int M = 3000, N = 70, K = 50;
        var random = new Random(9);
        using Buffer<float> dY = Buffer<float>.Random(random, M * N), x = Buffer<float>.Random(random, M * K);
        var results = new List<(Buffer<float> Weight, Buffer<float> Bias)>();
        foreach (WorkerPool pool in new[] { Pools.One, Pools.Two, Pools.Three })
        {
            var weight = new Buffer<float>(N * K);
            var bias = new Buffer<float>(N);
            MatMul.WeightGradient(
                pool, M, N, K, MatrixView<float>.Rows(dY.Pointer, N), MatrixView<float>.Rows(x.Pointer, K), weight.Pointer, bias.Pointer);
            results.Add((weight, bias));
        }

        foreach ((Buffer<float> weight, Buffer<float> bias) in results)
        {
            weight.ShouldBeTheBitsOf(results[0].Weight, "weight gradient");
            bias.ShouldBeTheBitsOf(results[0].Bias, "bias gradient");
            weight.Dispose();
            bias.Dispose();
        }
    }

    [Fact]
    public void No_product_allocates_after_its_first_call()
    {
        const int M = 64, N = 80, K = 96;
        var random = new Random(1);
        using Buffer<float> a = Buffer<float>.Random(random, M * K), b = Buffer<float>.Random(random, N * K), c = new(M * N);
        void Multiply() => MatMul.Run(
            Pools.Two, M, N, K, MatrixView<float>.Rows(a.Pointer, K), MatrixView<float>.Transposed(b.Pointer, K), c.Pointer, N, false);
        Multiply();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Multiply();
        Multiply();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Infinities_beside_a_row_do_not_reach_it()
    {
        const int M = 7, N = 5, K = 3;
        using Buffer<float> a = new(M * K), b = new(N * K), c = new(M * N);
        a.Span.Fill(1);
        b.Span.Fill(1);
        a[3 * K] = double.PositiveInfinity;
        MatMul.Run(
            Pools.One, M, N, K, MatrixView<float>.Rows(a.Pointer, K), MatrixView<float>.Transposed(b.Pointer, K), c.Pointer, N, false);
        for (int i = 0; i < M; i++)
        {
            Assert.Equal(i == 3 ? double.PositiveInfinity : K, c[i * N + 4]);
        }
    }

    [Fact]
    public void A_shape_without_elements_is_refused()
    {
        using Buffer<float> a = new(1);
        var view = MatrixView<float>.Rows(a.Pointer, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => MatMul.Run(Pools.One, 0, 1, 1, view, view, a.Pointer, 1, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatMul.Run(Pools.One, 1, 1, 0, view, view, a.Pointer, 1, false));
        Assert.Throws<ArgumentException>(() => new MatrixView<float>(a.Pointer, 2, 3));
    }

    private static void EpilogueSeesEverySumOnce(Case test)
    {
        var random = new Random(test.Seed);
        using Factors<float> factors = new(test, random);
        using Buffer<float> bias = Buffer<float>.Random(random, test.N);
        using Buffer<float> c = new((long)test.M * factors.CStride);
        using Buffer<float> seen = new((long)test.M * test.N);
        var epilogue = new BiasAndSquare(bias.Pointer, seen.Pointer, test.N);
        MatMul.Run(Pools.Two, test.M, test.N, test.K, factors.A, factors.B, c.Pointer, factors.CStride, epilogue);
        double[] expected = factors.PlainLoops();
        for (int i = 0; i < test.M; i++)
        {
            for (int j = 0; j < test.N; j++)
            {
                double sum = expected[i * test.N + j] + bias[j];
                Assert.Equal(1, seen[i * test.N + j]);
                Assert.Equal(sum * sum, c[i * factors.CStride + j], 2e-3 * (1 + sum * sum));
            }
        }

        c.FencesShouldStand("c");
    }

    private static void EqualsPlainLoops<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(test.Seed);
        using Factors<T> factors = new(test, random);
        using Buffer<T> c = Buffer<T>.Random(random, (long)test.M * factors.CStride);
        double[] expected = c.ToDoubles();
        double[] product = factors.PlainLoops();
        for (int i = 0; i < test.M; i++)
        {
            for (int j = 0; j < test.N; j++)
            {
                long at = (long)i * factors.CStride + j;
                expected[at] = product[i * test.N + j] + (test.Accumulate ? expected[at] : 0);
            }
        }

        MatMul.Run(Pools.Two, test.M, test.N, test.K, factors.A, factors.B, c.Pointer, factors.CStride, test.Accumulate);
        c.ShouldEqual(expected, Pools.Tolerance<T>() * (1 + Math.Sqrt(test.K) / 8), $"{test}: c");
    }

    private static void WeightGradientEqualsPlainLoops<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(test.Seed);
        int m = test.K, n = test.M, k = test.N, stride = n + test.Pad;
        using Buffer<T> dY = Buffer<T>.Random(random, (long)m * stride), x = Buffer<T>.Random(random, (long)m * k);
        using Buffer<T> weight = Buffer<T>.Random(random, (long)n * k), bias = Buffer<T>.Random(random, n);
        double[] expectedWeight = weight.ToDoubles(), expectedBias = bias.ToDoubles();
        for (int r = 0; r < m; r++)
        {
            for (int i = 0; i < n; i++)
            {
                expectedBias[i] += dY[r * stride + i];
                for (int j = 0; j < k; j++)
                {
                    expectedWeight[i * k + j] += dY[r * stride + i] * x[r * k + j];
                }
            }
        }

        MatMul.WeightGradient(
            Pools.Two, m, n, k, MatrixView<T>.Rows(dY.Pointer, stride), MatrixView<T>.Rows(x.Pointer, k), weight.Pointer,
            test.Accumulate ? bias.Pointer : null);
        weight.ShouldEqual(expectedWeight, Pools.Tolerance<T>(), $"{test}: weight gradient");
        if (test.Accumulate)
        {
            bias.ShouldEqual(expectedBias, Pools.Tolerance<T>(), $"{test}: bias gradient");
        }
    }

    private sealed record Case(int M, int N, int K, bool ATransposed, bool BTransposed, bool Accumulate, int Pad, int Seed);

    private sealed class Factors<T> : IDisposable
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Case _test;
        private readonly Buffer<T> _a;
        private readonly Buffer<T> _b;

        public Factors(Case test, Random random)
        {
            _test = test;
            int aStride = (test.ATransposed ? test.M : test.K) + test.Pad;
            int bStride = (test.BTransposed ? test.K : test.N) + test.Pad;
            _a = Buffer<T>.Random(random, (long)(test.ATransposed ? test.K : test.M) * aStride);
            _b = Buffer<T>.Random(random, (long)(test.BTransposed ? test.N : test.K) * bStride);
            A = test.ATransposed ? MatrixView<T>.Transposed(_a.Pointer, aStride) : MatrixView<T>.Rows(_a.Pointer, aStride);
            B = test.BTransposed ? MatrixView<T>.Transposed(_b.Pointer, bStride) : MatrixView<T>.Rows(_b.Pointer, bStride);
        }

        public MatrixView<T> A { get; }

        public MatrixView<T> B { get; }

        public int CStride => _test.N + _test.Pad;

        public double[] PlainLoops()
        {
            var c = new double[_test.M * _test.N];
            for (int i = 0; i < _test.M; i++)
            {
                for (int j = 0; j < _test.N; j++)
                {
                    double sum = 0;
                    for (int p = 0; p < _test.K; p++)
                    {
                        sum += double.CreateTruncating(A.Data[i * A.RowStride + p * A.ColumnStride])
                            * double.CreateTruncating(B.Data[p * B.RowStride + j * B.ColumnStride]);
                    }

                    c[i * _test.N + j] = sum;
                }
            }

            return c;
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
        }
    }

    private readonly struct BiasAndSquare(float* bias, float* seen, int n) : IEpilogue<float>
    {
        public void Apply(int row, int column, int count, float* values)
        {
            for (int i = 0; i < count; i++)
            {
                float sum = values[i] + bias[column + i];
                values[i] = sum * sum;
                seen[row * n + column + i]++;
            }
        }
    }

    private readonly struct FirstColumn : IEpilogue<float>
    {
        public void Apply(int row, int column, int count, float* values) => new Span<float>(values, count).Fill(column);
    }
}
