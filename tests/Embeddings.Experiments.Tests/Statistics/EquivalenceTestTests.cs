using CsCheck;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class EquivalenceTestTests
{
    [Fact]
    public void Equivalence_holds_exactly_when_the_90_percent_interval_lies_inside_the_margin() =>
        Gen.Double[-0.01, 0.01].Array[3, 10].Sample(values =>
        {
            Interval interval = StudentT.MeanInterval(values, 0.9);
            bool inside = interval.Low > -0.005 && interval.High < 0.005;
            double p = EquivalenceTest.PValue(values, 0.005);
            return Math.Abs(p - 0.05) < 1e-9 || inside == p < 0.05;
        });

    [Fact]
    public void A_clear_difference_is_not_equivalent() =>
        Assert.True(EquivalenceTest.PValue([0.050, 0.051, 0.049], 0.005) > 0.99);

    [Fact]
    public void A_tiny_certain_difference_is_equivalent() =>
        Assert.True(EquivalenceTest.PValue([0.0010, 0.0011, 0.0009], 0.005) < 0.001);

    [Fact]
    public void A_margin_must_be_positive() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EquivalenceTest.PValue([1, 2], 0));
}
