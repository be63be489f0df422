namespace Embeddings.Experiments.Statistics;

/// <summary>
/// The rule, fixed before any run, that turns a summary into a verdict. In this order: (1) equivalent, if the two one-sided tests at 0.05
/// put the effect inside ±0.005 bits per byte; (2) supported, if p, corrected within its family, is below 0.05 and the mean has the
/// predicted sign; (3) contradicted, if p is below 0.05 and the mean has the opposite sign; (4) inconclusive otherwise.
/// </summary>
public static class VerdictRule
{
    /// <summary>Level of every test.</summary>
    public const double Level = 0.05;

    /// <summary>Largest difference in bits per byte that counts as none.</summary>
    public const double EquivalenceMargin = 0.005;

    /// <summary>The rule in words, as reports print it.</summary>
    public const string Text =
        "Equivalent, if two one-sided t-tests at 0.05 put the effect inside ±0.005 bits per byte. Otherwise supported, if the paired t-test's "
        + "p (corrected by Holm's method within its family; a primary contrast is a family of its own) is below 0.05 and the mean has the "
        + "predicted sign; contradicted, if p is below 0.05 and the mean has the opposite sign. Otherwise inconclusive.";

    /// <summary>The verdict on the prediction that the mean has the sign <paramref name="predictedSign"/>.</summary>
    /// <param name="summary">The paired differences.</param>
    /// <param name="correctedPValue">p of the t-test, corrected within its family.</param>
    /// <param name="predictedSign">+1, −1, or 0 where no difference is predicted, which any distinguishable difference contradicts.</param>
    public static Verdict Decide(PairedSummary summary, double correctedPValue, int predictedSign)
    {
        if (Math.Abs(predictedSign) > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(predictedSign), predictedSign, "A prediction has the sign +1, 0 or −1.");
        }

        if (summary.EquivalencePValue < Level)
        {
            return Verdict.Equivalent;
        }

        if (!(correctedPValue < Level))
        {
            return Verdict.Inconclusive;
        }

        return Math.Sign(summary.Mean) == predictedSign ? Verdict.Supported : Verdict.Contradicted;
    }

    /// <summary>
    /// The verdict on a claim that must hold in each of several contrasts: theirs where all agree, otherwise inconclusive.
    /// </summary>
    public static Verdict All(params ReadOnlySpan<Verdict> verdicts)
    {
        if (verdicts.IsEmpty)
        {
            return Verdict.Inconclusive;
        }

        foreach (Verdict verdict in verdicts)
        {
            if (verdict != verdicts[0])
            {
                return Verdict.Inconclusive;
            }
        }

        return verdicts[0];
    }
}
