using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class ReductionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(70_001)]
    public void A_norm_equals_the_root_of_the_sum_of_squares(int count)
    {
        var random = new Random(count);
        using Buffer<float> singles = Buffer<float>.Random(random, count);
        using Buffer<double> doubles = Buffer<double>.Random(random, count);
        double single = Math.Sqrt(singles.ToDoubles().Sum(x => x * x)), exact = Math.Sqrt(doubles.ToDoubles().Sum(x => x * x));
        Assert.Equal(single, GradientNorm.Of(Pools.Two, singles.Pointer, count), 1e-12 * single);
        Assert.Equal(exact, GradientNorm.Of(Pools.Two, doubles.Pointer, count), 1e-12 * exact);
        Assert.Equal(GradientNorm.Of(Pools.One, singles.Pointer, count), GradientNorm.Of(Pools.Three, singles.Pointer, count));
    }

    [Fact]
    public void A_norm_beyond_the_range_of_squares_of_floats_is_finite()
    {
        using Buffer<float> x = new(3);
        x.Span.Fill(1e30f);
        Assert.Equal(Math.Sqrt(3) * 1e30, GradientNorm.Of(Pools.One, x.Pointer, 3), 1e23);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 700)]
    [InlineData(64, 33)]
    public void Partial_sums_are_added_in_order_of_the_tiles(int tiles, int width)
    {
        var random = new Random(width);
        using Buffer<float> partials = Buffer<float>.Random(random, (long)tiles * width), target = Buffer<float>.Random(random, width);
        float[] expected = target.Span.ToArray();
        for (int c = 0; c < width; c++)
        {
            float sum = 0;
            for (int tile = 0; tile < tiles; tile++)
            {
                sum += partials.Span[tile * width + c];
            }

            expected[c] += sum;
        }

        PartialSums.Add(Pools.Two, tiles, width, partials.Pointer, target.Pointer);
        Assert.Equal(expected, target.Span.ToArray());
        target.FencesShouldStand("target");
    }
}
