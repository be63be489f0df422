using System.Numerics;
using System.Runtime.Intrinsics;
using Embeddings.Cpu;
using Embeddings.Cpu.Products;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class LanesTests
{
    [Fact]
    public void Exp_of_floats_is_within_2_ulp() => Assert.InRange(WorstUlp(-87.3f, 88.7f, Lanes.Exp, Math.Exp), 0, 2);

    [Fact]
    public void Exp_on_each_width_of_register_is_within_2_ulp()
    {
        Assert.InRange(WorstUlp(-87.3f, 88.7f, x => Simd128<float>.Exp(Vector128.Create(x)).ToScalar(), Math.Exp), 0, 2);
        Assert.InRange(WorstUlp(-87.3f, 88.7f, x => Simd256<float>.Exp(Vector256.Create(x)).ToScalar(), Math.Exp), 0, 2);
        if (Vector512.IsHardwareAccelerated)
        {
            Assert.InRange(WorstUlp(-87.3f, 88.7f, x => Simd512<float>.Exp(Vector512.Create(x)).ToScalar(), Math.Exp), 0, 2);
        }
    }

    [Theory]
    [InlineData(-87.34f)]
    [InlineData(-90f)]
    [InlineData(-103f)]
    [InlineData(-1e30f)]
    public void Exp_below_the_smallest_normal_number_is_zero(float x)
    {
        Assert.Equal(0f, Lanes.Exp(x));
        Assert.Equal(0f, Simd128<float>.Exp(Vector128.Create(x)).ToScalar());
        Assert.Equal(0f, Simd256<float>.Exp(Vector256.Create(x)).ToScalar());
        if (Vector512.IsHardwareAccelerated)
        {
            Assert.Equal(0f, Simd512<float>.Exp(Vector512.Create(x)).ToScalar());
        }
    }

    [Fact]
    public void Tanh_of_floats_is_within_6_ulp() => Assert.InRange(WorstUlp(-9.5f, 9.5f, Lanes.Tanh, Math.Tanh), 0, 6);

    [Fact]
    public void Sigmoid_of_floats_is_within_4_ulp() =>
        Assert.InRange(WorstUlp(-80, 80, Lanes.Sigmoid, x => 1 / (1 + Math.Exp(-x))), 0, 4);

    [Fact]
    public void Log_of_floats_is_within_3_ulp() => Assert.InRange(WorstUlp(1e-30f, 1e6f, Lanes.Log, Math.Log), 0, 3);

    [Fact]
    public void Functions_of_doubles_are_within_4_ulp()
    {
        Assert.InRange(WorstUlp(-700.0, 700, Lanes.Exp, Math.Exp), 0, 4);
        Assert.InRange(WorstUlp(-25.0, 25, Lanes.Tanh, Math.Tanh), 0, 4);
        Assert.InRange(WorstUlp(-1.0, 1, Lanes.Tanh, Math.Tanh), 0, 4);
        Assert.InRange(WorstUlp(1e-300, 1e10, Lanes.Log, Math.Log), 0, 4);
    }

    [Fact]
    public void Extremes_give_limits_and_not_a_number_stays()
    {
        Assert.Equal(float.PositiveInfinity, Lanes.Exp(89f));
        Assert.Equal(float.PositiveInfinity, Lanes.Exp(float.PositiveInfinity));
        Assert.True(float.IsNormal(Lanes.Exp(-87.335f)));
        Assert.Equal(0f, Lanes.Exp(float.NegativeInfinity));
        Assert.Equal(1f, Lanes.Exp(0f));
        Assert.Equal(1f, Lanes.Tanh(float.PositiveInfinity), 1e-6f);
        Assert.Equal(-1f, Lanes.Tanh(float.NegativeInfinity), 1e-6f);
        Assert.Equal(0f, Lanes.Tanh(0f));
        Assert.Equal(0.0, Lanes.Tanh(0.0));
        Assert.Equal(0f, Lanes.Sigmoid(float.NegativeInfinity));
        Assert.Equal(1f, Lanes.Sigmoid(float.PositiveInfinity));
        Assert.True(float.IsNaN(Lanes.Exp(float.NaN)));
        Assert.True(float.IsNaN(Lanes.Tanh(float.NaN)));
        Assert.True(double.IsNaN(Lanes.Tanh(double.NaN)));
        Assert.True(float.IsNaN(Lanes.Sigmoid(float.NaN)));
        Assert.True(float.IsNaN(Lanes.Log(float.NaN)));
    }

    [Fact]
    public void A_scalar_twin_gives_the_bits_of_the_vector()
    {
        TwinsAgree<float>();
        TwinsAgree<double>();
    }

    [Fact]
    public void A_sum_adds_every_lane()
    {
        SumAddsEveryLane<float>();
        SumAddsEveryLane<double>();
    }

    [Fact]
    public void Step_is_one_above_zero_only()
    {
        Assert.Equal(0f, Lanes.Step(0f));
        Assert.Equal(0f, Lanes.Step(-1f));
        Assert.Equal(1f, Lanes.Step(1e-40f));
    }

    private static void TwinsAgree<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(4);
        for (int round = 0; round < 500; round++)
        {
            using Buffer<T> a = Buffer<T>.Random(random, Vector<T>.Count, 10);
            using Buffer<T> b = Buffer<T>.Random(random, Vector<T>.Count);
            using Buffer<T> c = Buffer<T>.Random(random, Vector<T>.Count);
            Vector<T> x = Lanes.Load(a.Pointer), y = Lanes.Load(b.Pointer), z = Lanes.Load(c.Pointer);
            for (int i = 0; i < Vector<T>.Count; i++)
            {
                Assert.Equal(Lanes.Exp(x)[i], Lanes.Exp(x[i]));
                Assert.Equal(Lanes.Tanh(x)[i], Lanes.Tanh(x[i]));
                Assert.Equal(Lanes.Sigmoid(x)[i], Lanes.Sigmoid(x[i]));
                Assert.Equal(Lanes.Log(x * x)[i], Lanes.Log(x[i] * x[i]));
                Assert.Equal(Lanes.ReciprocalSqrt(x * x)[i], Lanes.ReciprocalSqrt(x[i] * x[i]));
                Assert.Equal(Lanes.MultiplyAdd(x, y, z)[i], Lanes.MultiplyAdd(x[i], y[i], z[i]));
                Assert.Equal(Lanes.Max(x, y)[i], Lanes.Max(x[i], y[i]));
                Assert.Equal(Lanes.Step(x)[i], Lanes.Step(x[i]));
            }
        }
    }

    private static void SumAddsEveryLane<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int lane = 0; lane < Vector<T>.Count; lane++)
        {
            Vector<T> x = Vector.WithElement(Lanes.Splat<T>(1), lane, T.CreateTruncating(8));
            Assert.Equal(T.CreateTruncating(Vector<T>.Count + 7), Lanes.Sum(x));
        }
    }

    private static double WorstUlp(float low, float high, Func<float, float> function, Func<double, double> exact)
    {
        var random = new Random(1);
        double worst = 0;
        for (int i = 0; i < 400_000; i++)
        {
            double share = random.NextDouble();
            float x = i % 4 == 0 ? (float)(low + (high - low) * share) : (float)((share * 2 - 1) * Math.Pow(10, random.NextDouble() * 5 - 4));
            if (x < low || x > high)
            {
                continue;
            }

            double expected = exact(x);
            double ulp = MathF.BitIncrement((float)Math.Abs(expected)) - (double)(float)Math.Abs(expected);
            worst = Math.Max(worst, Math.Abs(function(x) - expected) / ulp);
        }

        return worst;
    }

    private static double WorstUlp(double low, double high, Func<double, double> function, Func<double, double> reference)
    {
        var random = new Random(2);
        double worst = 0;
        for (int i = 0; i < 200_000; i++)
        {
            double x = low + (high - low) * random.NextDouble();
            double expected = reference(x);
            worst = Math.Max(worst, Math.Abs(function(x) - expected) / (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected)));
        }

        return worst;
    }
}
