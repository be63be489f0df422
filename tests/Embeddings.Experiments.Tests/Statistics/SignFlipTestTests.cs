using CsCheck;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class SignFlipTestTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Differences_of_one_sign_reach_the_smallest_p(int count)
    {
        double[] differences = [.. Enumerable.Range(1, count).Select(i => 0.01 * i)];
        Assert.Equal(Math.Pow(2, 1 - count), SignFlipTest.TwoSided(differences), 12);
    }

    [Fact]
    public void Known_sample_has_the_p_counted_by_hand()
    {
        // Sums of ±1 ±2 ±4: |7|, |5|, |3|, |1| twice each; observed 1 + 2 − 4 = −1, so every pattern is as extreme.
        Assert.Equal(1, SignFlipTest.TwoSided([1, 2, -4]));

        // Observed −1 + 2 + 4 = 5: patterns of 7 and 5 count, 4 of 8.
        Assert.Equal(0.5, SignFlipTest.TwoSided([-1, 2, 4]));
    }

    [Fact]
    public void P_does_not_depend_on_scale_sign_or_order() =>
        Gen.Double[-1, 1].Array[2, 9].Sample(values =>
        {
            double p = SignFlipTest.TwoSided(values);
            double[] other = [.. values.Reverse().Select(value => -8 * value)];
            return SignFlipTest.TwoSided(other) == p && p > 0 && p <= 1;
        });

    [Fact]
    public void Drawn_patterns_agree_with_counted_ones_and_repeat()
    {
        // 16 differences are counted; a 17th that is zero changes no sum but makes the patterns be drawn.
        var random = new Embeddings.Models.RandomStream(3, "differences");
        double[] counted = [.. Enumerable.Range(0, 16).Select(_ => 0.4 + random.NextNormal())];
        double[] drawn = [.. counted, 0];
        double exact = SignFlipTest.TwoSided(counted);
        Assert.Equal(exact, SignFlipTest.TwoSided(drawn), 0.005);
        Assert.Equal(SignFlipTest.TwoSided(drawn), SignFlipTest.TwoSided(drawn));
    }

    [Fact]
    public void No_differences_have_no_p() => Assert.True(double.IsNaN(SignFlipTest.TwoSided([])));
}
