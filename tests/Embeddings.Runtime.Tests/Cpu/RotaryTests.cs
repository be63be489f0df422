using System.Numerics;
using CsCheck;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class RotaryTests
{
    [Fact]
    public void Every_pair_is_turned_by_its_angle() => Cases().Sample(
        test =>
        {
            EqualsFormula<float>(test);
            EqualsFormula<double>(test);
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Turning_back_in_place_restores_the_input()
    {
        const int Rows = 12, Context = 5, Heads = 3, HeadWidth = 22, Stride = Heads * HeadWidth + 1;
        using Buffer<double> x = Buffer<double>.Random(new Random(1), Rows * Stride);
        double[] before = x.ToDoubles();
        Rotary.Apply(Pools.Two, Rows, Context, Heads, HeadWidth, x.Pointer, Stride, x.Pointer, Stride, inverse: false);
        Assert.NotEqual(before[Stride], x[Stride]);
        Rotary.Apply(Pools.Two, Rows, Context, Heads, HeadWidth, x.Pointer, Stride, x.Pointer, Stride, inverse: true);
        x.ShouldEqual(before, 1e-14, "x");
    }

    [Fact]
    public void An_odd_head_width_is_refused()
    {
        using Buffer<float> x = new(9);
        Assert.Throws<ArgumentException>(() => Rotary.Apply(Pools.One, 1, 1, 1, 9, x.Pointer, 9, x.Pointer, 9, false));
    }

    private static Gen<Case> Cases() => Gen.Select(
        Gen.Int[1, 70], Gen.Int[1, 40], Gen.Int[1, 3], Gen.Int[1, 20], Gen.Bool, Gen.Int[0, int.MaxValue],
        (rows, context, heads, half, inverse, seed) => new Case(rows, context, heads, 2 * half, inverse, seed));

    private static void EqualsFormula<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int stride = test.Heads * test.HeadWidth + 3, half = test.HeadWidth / 2;
        using Buffer<T> x = Buffer<T>.Random(new Random(test.Seed), (long)test.Rows * stride);
        using Buffer<T> y = new(x.Length);
        double[] expected = y.ToDoubles();
        for (int row = 0; row < test.Rows; row++)
        {
            for (int head = 0; head < test.Heads; head++)
            {
                for (int j = 0; j < half; j++)
                {
                    double angle = row % test.Context * Math.Pow(10000, -2.0 * j / test.HeadWidth) * (test.Inverse ? -1 : 1);
                    int a = row * stride + head * test.HeadWidth + j, b = a + half;
                    expected[a] = x[a] * Math.Cos(angle) - x[b] * Math.Sin(angle);
                    expected[b] = x[a] * Math.Sin(angle) + x[b] * Math.Cos(angle);
                }
            }
        }

        Rotary.Apply(Pools.Two, test.Rows, test.Context, test.Heads, test.HeadWidth, x.Pointer, stride, y.Pointer, stride, test.Inverse);
        y.ShouldEqual(expected, Pools.Tolerance<T>() / 10, $"{test}: y");
    }

    private sealed record Case(int Rows, int Context, int Heads, int HeadWidth, bool Inverse, int Seed);
}
