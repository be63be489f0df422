using CsCheck;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class StudentTTests
{
    // Upper 2.5 % points from the printed tables of the t distribution.
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(4, 2.776)]
    [InlineData(9, 2.262)]
    [InlineData(30, 2.042)]
    public void Quantiles_agree_with_printed_tables(int degreesOfFreedom, double expected) =>
        Assert.Equal(expected, StudentT.Quantile(0.975, degreesOfFreedom), 3);

    [Fact]
    public void Interval_of_a_known_sample_is_mean_plus_and_minus_t_standard_errors()
    {
        // Mean 3, standard deviation √2.5, n = 5.
        Interval interval = StudentT.MeanInterval([1, 2, 3, 4, 5]);
        double half = 2.7764451 * Math.Sqrt(2.5 / 5);
        Assert.Equal(3 - half, interval.Low, 6);
        Assert.Equal(3 + half, interval.High, 6);
    }

    [Fact]
    public void Test_of_a_known_sample_has_the_known_p()
    {
        // t = 3 / √0.5 = 4.2426 with 4 degrees of freedom: two-sided p 0.01324.
        Assert.Equal(0.01324, StudentT.TwoSided([1, 2, 3, 4, 5]), 5);
    }

    [Fact]
    public void One_value_has_no_interval_and_no_p()
    {
        Assert.Equal(Interval.None, StudentT.MeanInterval([0.4]));
        Assert.True(double.IsNaN(StudentT.TwoSided([0.4])));
    }

    [Fact]
    public void Equal_values_have_an_interval_of_no_width()
    {
        Assert.Equal(new Interval(0.25, 0.25), StudentT.MeanInterval([0.25, 0.25, 0.25]));
        Assert.Equal(0, StudentT.TwoSided([0.25, 0.25, 0.25]));
        Assert.Equal(1, StudentT.TwoSided([0.0, 0, 0]));
    }

    [Fact]
    public void Interval_excludes_zero_exactly_when_p_is_below_one_minus_its_level() =>
        Gen.Double[-1, 2].Array[3, 12].Sample(values =>
        {
            double p = StudentT.TwoSided(values);
            return Math.Abs(p - 0.05) < 1e-9 || StudentT.MeanInterval(values).Contains(0) == p > 0.05;
        });

    [Fact]
    public void Interval_covers_the_true_mean_in_nineteen_of_twenty_samples()
    {
        var random = new Embeddings.Models.RandomStream(7, "coverage");
        int covered = 0;
        for (int trial = 0; trial < 4000; trial++)
        {
            double[] sample = [.. Enumerable.Range(0, 4).Select(_ => 0.3 + random.NextNormal())];
            covered += StudentT.MeanInterval(sample).Contains(0.3) ? 1 : 0;
        }

        // Four standard errors around 95 %.
        Assert.InRange(covered / 4000.0, 0.936, 0.964);
    }
}
