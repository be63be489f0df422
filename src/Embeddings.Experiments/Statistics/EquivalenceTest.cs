namespace Embeddings.Experiments.Statistics;

/// <summary>
/// Two one-sided tests (Schuirmann, 1987): "no difference worth speaking of" is concluded when the hypotheses "at or below −margin" and
/// "at or above +margin" are both rejected, which is when the 90 % interval lies inside the margin (at a level of 0.05).
/// </summary>
public static class EquivalenceTest
{
    /// <summary>The larger of the two one-sided p values; NaN of fewer than two values.</summary>
    /// <param name="differences">Paired differences.</param>
    /// <param name="margin">Largest difference that counts as none, &gt; 0.</param>
    public static double PValue(ReadOnlySpan<double> differences, double margin)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(margin);
        return differences.Length < 2
            ? double.NaN
            : Math.Max(StudentT.Above(differences, -margin), StudentT.Below(differences, margin));
    }
}
