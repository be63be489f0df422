using System.Collections.Immutable;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Studies;

/// <summary>A comparison and what the runs say about it.</summary>
/// <param name="Definition">The comparison.</param>
/// <param name="PerSeed">Its value for every seed, in order of seed.</param>
/// <param name="Summary">The values' summary.</param>
/// <param name="CorrectedPValue">p of the t-test after Holm's correction within the family.</param>
/// <param name="Verdict">By <see cref="VerdictRule"/>.</param>
public sealed record ContrastResult(
    ContrastDefinition Definition,
    ImmutableArray<(ulong Seed, double Value)> PerSeed,
    PairedSummary Summary,
    double CorrectedPValue,
    Verdict Verdict)
{
    /// <summary>Evaluates comparisons, correcting each family for its number.</summary>
    /// <param name="definitions">The comparisons.</param>
    /// <param name="values">Bits per byte of each seed in each cell.</param>
    public static ImmutableArray<ContrastResult> Evaluate(
        IReadOnlyList<ContrastDefinition> definitions, IReadOnlyDictionary<string, IReadOnlyDictionary<ulong, double>> values)
    {
        var results = new ContrastResult[definitions.Count];
        foreach (IGrouping<string, int> family in Enumerable.Range(0, definitions.Count).GroupBy(i => definitions[i].Family))
        {
            int[] members = [.. family];
            var perSeed = members.Select(i => definitions[i].Contrast.PerSeed(values)).ToArray();
            PairedSummary[] summaries = [.. perSeed.Select(
                seeds => PairedSummary.Of([.. seeds.Select(seed => seed.Value)], VerdictRule.EquivalenceMargin))];
            double[] corrected = HolmCorrection.Adjust([.. summaries.Select(summary => summary.PValue)]);
            for (int i = 0; i < members.Length; i++)
            {
                ContrastDefinition definition = definitions[members[i]];
                Verdict verdict = VerdictRule.Decide(summaries[i], corrected[i], definition.PredictedSign);
                results[members[i]] = new ContrastResult(definition, perSeed[i], summaries[i], corrected[i], verdict);
            }
        }

        return [.. results];
    }
}
