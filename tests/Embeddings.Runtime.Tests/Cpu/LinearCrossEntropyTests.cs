using System.Numerics;
using CsCheck;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class LinearCrossEntropyTests
{
    private static readonly Gen<Case> s_cases = Gen.Select(
        Gen.Int[1, 60], Gen.Int[1, 40], Gen.Int[1, 200], Gen.Int[0, 3].Select(i => i * 5.0), Gen.Int[0, int.MaxValue],
        (rows, width, vocabulary, softCap, seed) => new Case(rows, width, vocabulary, softCap, seed));

    [Fact]
    public void Losses_and_gradients_equal_plain_loops_in_single_precision() =>
        s_cases.Sample(EqualsPlainLoops<float>, iter: 120, threads: 1);

    [Fact]
    public void Losses_and_gradients_equal_plain_loops_in_double_precision() =>
        s_cases.Sample(EqualsPlainLoops<double>, iter: 120, threads: 1);

    [Fact]
    public void Chunks_of_rows_meet()
    {
        const int Rows = 400, Vocabulary = 100_003;
        Assert.InRange(LinearCrossEntropy.ChunkRows(Rows, Vocabulary), 1, Rows / 2);
        EqualsPlainLoops<float>(new Case(Rows, 4, Vocabulary, 0, 1));
    }

    [Fact]
    public void Gradients_equal_central_differences() => s_cases.Sample(
        test =>
        {
            const double Step = 1e-5;
            var random = new Random(test.Seed);
            using Tensors<double> tensors = new(test, random);
            tensors.LossesAndGradients(Pools.One);
            using Buffer<double> dWeight = tensors.WeightGradient.Copy();
            for (int i = 0; i < dWeight.Length; i++)
            {
                dWeight[i] -= tensors.WeightGradientBefore[i];
            }

            foreach ((Buffer<double> values, Buffer<double> gradient) in new[] { (tensors.X, tensors.XGradient), (tensors.Weight, dWeight) })
            {
                for (int trial = 0; trial < 5; trial++)
                {
                    int at = random.Next((int)values.Length);
                    double original = values[at];
                    values[at] = original + Step;
                    double above = tensors.Loss();
                    values[at] = original - Step;
                    double below = tensors.Loss();
                    values[at] = original;
                    Assert.Equal((above - below) / (2 * Step), gradient[at], 1e-7 * (1 + Math.Abs(gradient[at])));
                }
            }
        },
        iter: 80,
        threads: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Losses_alone_have_the_bits_of_losses_with_gradients(double softCap)
    {
        using Tensors<float> both = new(new Case(40, 24, 333, softCap, 6), new Random(6));
        both.LossesAndGradients(Pools.Two);
        using Buffer<float> losses = both.Losses.Copy();
        both.LossesAlone(Pools.Two);
        both.Losses.ShouldBeTheBitsOf(losses, "losses");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Bits_do_not_depend_on_the_threads(double softCap)
    {
        var test = new Case(150, 40, 700, softCap, 6);
        using Tensors<float> one = new(test, new Random(6)), three = new(test, new Random(6));
        one.LossesAndGradients(Pools.One);
        three.LossesAndGradients(Pools.Three);
        three.Losses.ShouldBeTheBitsOf(one.Losses, "losses");
        three.XGradient.ShouldBeTheBitsOf(one.XGradient, "gradient of x");
        three.WeightGradient.ShouldBeTheBitsOf(one.WeightGradient, "gradient of the weight");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void Logits_of_one_row_give_its_loss(double softCap)
    {
        var test = new Case(3, 37, 1001, softCap, 2);
        using Tensors<float> tensors = new(test, new Random(2));
        tensors.LossesAlone(Pools.Two);
        using Buffer<float> logits = new(test.Vocabulary);
        for (int row = 0; row < test.Rows; row++)
        {
            LinearCrossEntropy.Logits(
                Pools.Two, test.Width, test.Vocabulary, tensors.X.Pointer + row * test.Width, tensors.Weight.Pointer, softCap, logits.Pointer);
            double sum = 0;
            for (int i = 0; i < test.Vocabulary; i++)
            {
                sum += Math.Exp(logits[i]);
            }

            double loss = tensors.Targets[row] < 0 ? 0 : Math.Log(sum) - logits[tensors.Targets[row]];
            Assert.Equal(loss, tensors.Losses[row], 1e-4);
        }

        logits.FencesShouldStand("logits");
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        using Tensors<float> tensors = new(new Case(5, 8, 50, 0, 3), new Random(3));
        foreach (ref float value in tensors.X.Span)
        {
            value *= 200;
        }

        tensors.LossesAndGradients(Pools.One);
        Assert.All(tensors.Losses.ToDoubles(), loss => Assert.True(double.IsFinite(loss)));
        Assert.All(tensors.XGradient.ToDoubles(), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void A_number_that_is_none_reaches_the_loss()
    {
        using Tensors<float> tensors = new(new Case(3, 8, 50, 0, 3), new Random(3));
        tensors.Weight[7] = double.NaN;
        tensors.LossesAndGradients(Pools.One);
        for (int row = 0; row < 3; row++)
        {
            Assert.Equal(tensors.Targets[row] >= 0, double.IsNaN(tensors.Losses[row]));
        }
    }

    private static void EqualsPlainLoops<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Tensors<T> tensors = new(test, new Random(test.Seed));
        tensors.ShouldEqualPlainLoops(Pools.Tolerance<T>());
    }

    private sealed record Case(int Rows, int Width, int Vocabulary, double SoftCap, int Seed);

    private sealed class Tensors<T> : IDisposable
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private const double Scale = 0.7;
        private readonly Case _case;

        public Tensors(Case test, Random random)
        {
            _case = test;
            X = Buffer<T>.Random(random, (long)test.Rows * test.Width);
            Weight = Buffer<T>.Random(random, (long)test.Vocabulary * test.Width);
            WeightGradient = Buffer<T>.Random(random, Weight.Length);
            WeightGradientBefore = WeightGradient.Copy();
            XGradient = Buffer<T>.Random(random, X.Length);
            Losses = Buffer<T>.Random(random, test.Rows);
            Targets = new int[test.Rows];
            for (int row = 0; row < test.Rows; row++)
            {
                Targets[row] = random.Next(5) == 0 ? -1 : random.Next(test.Vocabulary);
            }
        }

        public Buffer<T> X { get; }

        public Buffer<T> Weight { get; }

        public Buffer<T> XGradient { get; }

        public Buffer<T> WeightGradient { get; }

        public Buffer<T> WeightGradientBefore { get; }

        public Buffer<T> Losses { get; }

        public int[] Targets { get; }

        public void LossesAndGradients(WorkerPool pool)
        {
            fixed (int* targets = Targets)
            {
                LinearCrossEntropy.LossesAndGradients(
                    pool, _case.Rows, _case.Width, _case.Vocabulary, X.Pointer, Weight.Pointer, targets, _case.SoftCap,
                    T.CreateTruncating(Scale), Losses.Pointer, XGradient.Pointer, WeightGradient.Pointer);
            }
        }

        public void LossesAlone(WorkerPool pool)
        {
            fixed (int* targets = Targets)
            {
                LinearCrossEntropy.Losses(
                    pool, _case.Rows, _case.Width, _case.Vocabulary, X.Pointer, Weight.Pointer, targets, _case.SoftCap, Losses.Pointer);
            }
        }

        public double Loss()
        {
            LossesAlone(Pools.One);
            return Scale * Losses.ToDoubles().Sum();
        }

        public void ShouldEqualPlainLoops(double tolerance)
        {
            int width = _case.Width, vocabulary = _case.Vocabulary;
            double[] x = X.ToDoubles(), weight = Weight.ToDoubles();
            double[] dX = new double[x.Length], dWeight = WeightGradient.ToDoubles(), losses = new double[_case.Rows];
            var a = new double[vocabulary];
            var z = new double[vocabulary];
            for (int row = 0; row < _case.Rows; row++)
            {
                if (Targets[row] < 0)
                {
                    continue;
                }

                double sum = 0;
                for (int i = 0; i < vocabulary; i++)
                {
                    a[i] = 0;
                    for (int j = 0; j < width; j++)
                    {
                        a[i] += x[row * width + j] * weight[i * width + j];
                    }

                    z[i] = _case.SoftCap == 0 ? a[i] : _case.SoftCap * Math.Tanh(a[i] / _case.SoftCap);
                }

                double largest = z.Max();
                for (int i = 0; i < vocabulary; i++)
                {
                    sum += Math.Exp(z[i] - largest);
                }

                losses[row] = largest + Math.Log(sum) - z[Targets[row]];
                for (int i = 0; i < vocabulary; i++)
                {
                    double slope = _case.SoftCap == 0 ? 1 : 1 - Math.Pow(Math.Tanh(a[i] / _case.SoftCap), 2);
                    double gradient = (Math.Exp(z[i] - largest) / sum - (i == Targets[row] ? 1 : 0)) * Scale * slope;
                    for (int j = 0; j < width; j++)
                    {
                        dX[row * width + j] += gradient * weight[i * width + j];
                        dWeight[i * width + j] += gradient * x[row * width + j];
                    }
                }
            }

            LossesAndGradients(Pools.Two);
            Losses.ShouldEqual(losses, tolerance, $"{_case}: losses");
            XGradient.ShouldEqual(dX, tolerance, $"{_case}: gradient of x");
            WeightGradient.ShouldEqual(dWeight, tolerance, $"{_case}: gradient of the weight");
        }

        public void Dispose()
        {
            foreach (Buffer<T> buffer in new[] { X, Weight, XGradient, WeightGradient, WeightGradientBefore, Losses })
            {
                buffer.Dispose();
            }
        }
    }
}
