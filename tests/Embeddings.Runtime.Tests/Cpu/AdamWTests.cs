using System.Numerics;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class AdamWTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(40_003)]
    public void Steps_equal_the_formula(int count)
    {
        EqualsFormula<float>(count, 2e-5);
        EqualsFormula<double>(count, 1e-13);
    }

    [Fact]
    public void Bits_do_not_depend_on_the_threads()
    {
        const int Count = 50_001;
        using Buffer<float> one = Train(Pools.One, Count), three = Train(Pools.Three, Count);
        three.ShouldBeTheBitsOf(one, "parameters");
    }

    [Fact]
    public void A_step_before_the_first_is_refused()
    {
        using Buffer<float> x = new(1);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => AdamW.Update(Pools.One, 1, x.Pointer, x.Pointer, x.Pointer, x.Pointer, 0.1, 0.9, 0.95, 1e-8, 0, 0, 1));
    }

    private static Buffer<float> Train(WorkerPool pool, int count)
    {
        var random = new Random(1);
        Buffer<float> p = Buffer<float>.Random(random, count);
        using Buffer<float> g = Buffer<float>.Random(random, count), m = new(count), v = new(count);
        for (int step = 1; step <= 3; step++)
        {
            AdamW.Update(pool, count, p.Pointer, g.Pointer, m.Pointer, v.Pointer, 0.01, 0.9, 0.95, 1e-8, 0.1, step, 1);
        }

        return p;
    }

    private static void EqualsFormula<T>(int count, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const double Rate = 0.013, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-6, Decay = 0.1, Factor = 0.6;
        var random = new Random(count);
        using Buffer<T> p = Buffer<T>.Random(random, count), m = new(count), v = new(count);
        double[] expected = p.ToDoubles(), first = new double[count], second = new double[count];
        for (int step = 1; step <= 4; step++)
        {
            using Buffer<T> g = Buffer<T>.Random(random, count);
            g[0] = 0;
            for (int i = 0; i < count; i++)
            {
                double gradient = g[i] * Factor;
                first[i] = Beta1 * first[i] + (1 - Beta1) * gradient;
                second[i] = Beta2 * second[i] + (1 - Beta2) * gradient * gradient;
                double mean = first[i] / (1 - Math.Pow(Beta1, step)), size = Math.Sqrt(second[i] / (1 - Math.Pow(Beta2, step)));
                expected[i] -= Rate * (mean / (size + Epsilon) + Decay * expected[i]);
            }

            AdamW.Update(
                Pools.Two, count, p.Pointer, g.Pointer, m.Pointer, v.Pointer, Rate, Beta1, Beta2, Epsilon, Decay, step, Factor);
        }

        p.ShouldEqual(expected, tolerance, "parameters");
        m.ShouldEqual(first, tolerance, "first moment");
        v.ShouldEqual(second, tolerance, "second moment");
    }
}
