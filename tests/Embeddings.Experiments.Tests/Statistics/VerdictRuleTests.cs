using CsCheck;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class VerdictRuleTests
{
    private static Verdict Decide(double[] differences, int sign, double factor = 1)
    {
        PairedSummary summary = PairedSummary.Of(differences, VerdictRule.EquivalenceMargin);
        return VerdictRule.Decide(summary, Math.Min(1, summary.PValue * factor), sign);
    }

    [Fact]
    public void Clear_effect_of_the_predicted_sign_is_supported() =>
        Assert.Equal(Verdict.Supported, Decide([0.050, 0.052, 0.047], +1));

    [Fact]
    public void Clear_effect_of_the_opposite_sign_is_contradicted()
    {
        Assert.Equal(Verdict.Contradicted, Decide([-0.050, -0.052, -0.047], +1));
        Assert.Equal(Verdict.Contradicted, Decide([0.050, 0.052, 0.047], -1));
    }

    [Fact]
    public void Certain_effect_within_the_margin_is_equivalent_whatever_its_p()
    {
        double[] differences = [0.0020, 0.0021, 0.0019, 0.0020];
        Assert.True(StudentT.TwoSided(differences) < 0.001);
        Assert.Equal(Verdict.Equivalent, Decide(differences, +1));
    }

    [Fact]
    public void Scattered_differences_are_inconclusive() =>
        Assert.Equal(Verdict.Inconclusive, Decide([0.05, -0.04, 0.02], +1));

    [Fact]
    public void Correction_can_take_support_away()
    {
        double[] differences = [0.02, 0.03, 0.045];
        Assert.Equal(Verdict.Supported, Decide(differences, +1));
        Assert.Equal(Verdict.Inconclusive, Decide(differences, +1, factor: 5));
    }

    [Fact]
    public void One_seed_is_inconclusive() => Assert.Equal(Verdict.Inconclusive, Decide([0.5], +1));

    [Fact]
    public void No_seed_is_inconclusive() => Assert.Equal(Verdict.Inconclusive, Decide([], +1));

    [Fact]
    public void Prediction_of_no_difference_is_contradicted_by_any_clear_one()
    {
        Assert.Equal(Verdict.Contradicted, Decide([0.050, 0.052, 0.047], 0));
        Assert.Equal(Verdict.Equivalent, Decide([0.0010, 0.0011, 0.0009], 0));
    }

    [Fact]
    public void Opposite_prediction_has_the_opposite_verdict() =>
        Gen.Double[-0.1, 0.1].Array[2, 8].Sample(values =>
        {
            Verdict mirrored = Decide(values, -1) switch
            {
                Verdict.Supported => Verdict.Contradicted,
                Verdict.Contradicted => Verdict.Supported,
                Verdict verdict => verdict,
            };
            return Decide(values, +1) == mirrored;
        });

    [Fact]
    public void Rule_in_words_names_the_margin_and_the_level()
    {
        Assert.Contains("±0.005", VerdictRule.Text, StringComparison.Ordinal);
        Assert.Equal(0.005, VerdictRule.EquivalenceMargin);
        Assert.Contains("below 0.05", VerdictRule.Text, StringComparison.Ordinal);
        Assert.Equal(0.05, VerdictRule.Level);
    }

    [Fact]
    public void Claim_over_several_contrasts_needs_them_to_agree()
    {
        Assert.Equal(Verdict.Supported, VerdictRule.All(Verdict.Supported, Verdict.Supported));
        Assert.Equal(Verdict.Inconclusive, VerdictRule.All(Verdict.Supported, Verdict.Contradicted));
        Assert.Equal(Verdict.Inconclusive, VerdictRule.All(Verdict.Supported, Verdict.Equivalent));
    }
}
