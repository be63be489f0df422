using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class SampleTests
{
    [Fact]
    public void Standard_deviation_divides_by_n_minus_one() =>
        Assert.Equal(Math.Sqrt(32.0 / 7), Sample.StandardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), 12);

    [Fact]
    public void Median_of_an_even_sample_is_the_mean_of_the_middle_two()
    {
        Assert.Equal(2.5, Sample.Median([4, 1, 2, 3]));
        Assert.Equal(3, Sample.Median([9, 1, 3]));
    }

    [Fact]
    public void Effect_size_is_mean_over_standard_deviation_of_the_differences()
    {
        PairedSummary summary = PairedSummary.Of([0.01, 0.02, 0.03], 0.005);
        Assert.Equal(2.0, summary.EffectSize, 9);
        Assert.Equal(3, summary.Count);
        Assert.Equal(0.02, summary.Mean, 12);
    }

    [Fact]
    public void Effect_size_of_equal_differences_does_not_exist() =>
        Assert.True(double.IsNaN(PairedSummary.Of([0.25, 0.25], 0.005).EffectSize));
}
