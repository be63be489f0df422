namespace Embeddings.Experiments.Statistics;

/// <summary>Holm's step-down correction: the chance of any false rejection in the family stays below the level (Holm, 1979).</summary>
public static class HolmCorrection
{
    /// <summary>Adjusted p values, in the order given; NaN stays NaN and does not count towards the family.</summary>
    public static double[] Adjust(IReadOnlyList<double> values)
    {
        var adjusted = new double[values.Count];
        Array.Fill(adjusted, double.NaN);
        int[] ascending = [.. Enumerable.Range(0, values.Count).Where(i => !double.IsNaN(values[i])).OrderBy(i => values[i])];
        double largest = 0;
        for (int rank = 0; rank < ascending.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, (ascending.Length - rank) * values[ascending[rank]]));
            adjusted[ascending[rank]] = largest;
        }

        return adjusted;
    }
}
