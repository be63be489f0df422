namespace Embeddings.Experiments.Statistics;

/// <summary>What a set of paired differences says.</summary>
public sealed record PairedSummary
{
    /// <summary>Pairs, n.</summary>
    public required int Count { get; init; }

    /// <summary>Mean difference; NaN without pairs.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of the differences; NaN of fewer than two pairs.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>95 % t-interval of the mean.</summary>
    public required Interval Interval { get; init; }

    /// <summary>Cohen's d_z, mean over standard deviation of the differences; NaN where it does not exist.</summary>
    public required double EffectSize { get; init; }

    /// <summary>Two-sided p of the paired t-test.</summary>
    public required double PValue { get; init; }

    /// <summary>Two-sided p of the sign-flip permutation test; at least 2^(1 − n).</summary>
    public required double SignFlipPValue { get; init; }

    /// <summary>p of equivalence within the margin.</summary>
    public required double EquivalencePValue { get; init; }

    /// <summary>Summarises paired differences.</summary>
    /// <param name="differences">One difference per pair.</param>
    /// <param name="margin">The equivalence margin.</param>
    public static PairedSummary Of(ReadOnlySpan<double> differences, double margin)
    {
        double deviation = Sample.StandardDeviation(differences);
        return new PairedSummary
        {
            Count = differences.Length,
            Mean = Sample.Mean(differences),
            StandardDeviation = deviation,
            Interval = StudentT.MeanInterval(differences),
            EffectSize = deviation > 0 ? Sample.Mean(differences) / deviation : double.NaN,
            PValue = StudentT.TwoSided(differences),
            SignFlipPValue = SignFlipTest.TwoSided(differences),
            EquivalencePValue = EquivalenceTest.PValue(differences, margin),
        };
    }
}
