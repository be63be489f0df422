using System.Collections.Immutable;
using Embeddings.Experiments.Reports.Charts;
using Embeddings.Experiments.Statistics;
using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Reports;

/// <summary>The vocabulary study's pictures.</summary>
/// <param name="Interaction">Bits per byte over vocabulary size, one line per kind of row, at equal bytes.</param>
/// <param name="EqualFlops">The same at equal operations.</param>
/// <param name="Contrasts">Every comparison with its interval.</param>
/// <param name="Parameters">Bits per byte over parameters.</param>
internal sealed record VocabularyFigures(SeriesChart Interaction, SeriesChart EqualFlops, ForestChart Contrasts, SeriesChart Parameters)
{
    private const string BitsPerByte = "bits per byte of held-out text (lower is better)";

    private static readonly EmbeddingKind[] s_kinds =
        [EmbeddingKind.Table, EmbeddingKind.Composed, EmbeddingKind.ComposedPermuted, EmbeddingKind.FrozenRandom, EmbeddingKind.ByteSum];

    /// <summary>Draws a study.</summary>
    public static VocabularyFigures Of(VocabularyDesign design, StudyAnalysis analysis) => new(
        Curve(design.Arms, analysis, BudgetAxis.Bytes, "Bits per byte over vocabulary size at equal training bytes, one line per kind of input row."),
        Curve(
            design.EqualFlopsArms, analysis, BudgetAxis.Flops,
            "Bits per byte over vocabulary size at equal floating-point operations, for tables and composed rows."),
        Forest(analysis),
        ParameterChart(design, analysis));

    private static SeriesChart Curve(ImmutableArray<VocabularyArm> arms, StudyAnalysis analysis, BudgetAxis axis, string description) => new()
    {
        Description = description,
        XLabel = "vocabulary size (tokens)",
        YLabel = BitsPerByte,
        XTicks = [.. VocabularyDesign.Vocabularies
            .Where(size => arms.Any(arm => arm.VocabularySize == size))
            .Select(size => new ChartTick(size, VocabularyWords.Count(size)))],
        Series = Series(arms, arm => arm.VocabularySize, analysis, axis),
    };

    private static SeriesChart ParameterChart(VocabularyDesign design, StudyAnalysis analysis) => new()
    {
        Description = "Bits per byte over all parameters, at equal training bytes.",
        XLabel = "parameters (input rows, head and body)",
        YLabel = BitsPerByte,
        Joined = false,
        Series = Series(
            [.. design.Arms.DistinctBy(arm => arm.Variant)],
            arm => analysis.Plan.Find(arm.Variant, BudgetAxis.Bytes)!.Variant.Description.ParameterCount,
            analysis,
            BudgetAxis.Bytes),
    };

    private static ImmutableArray<ChartSeries> Series(
        ImmutableArray<VocabularyArm> arms, Func<VocabularyArm, double> x, StudyAnalysis analysis, BudgetAxis axis) =>
        [.. s_kinds
            .Where(kind => arms.Any(arm => arm.Kind == kind))
            .Select(kind => new ChartSeries(
                VocabularyWords.Kind(kind),
                Array.IndexOf(s_kinds, kind),
                [.. arms.Where(arm => arm.Kind == kind).Select(arm => Point(arm, x(arm), analysis, axis))]))];

    private static ChartPoint Point(VocabularyArm arm, double x, StudyAnalysis analysis, BudgetAxis axis)
    {
        double[] values = analysis.Cell(StudyCell.KeyOf(arm.Variant, axis));
        double mean = Sample.Mean(values);
        Interval interval = StudentT.MeanInterval(values);
        string note = $"{VocabularyWords.Kind(arm.Kind)}, {VocabularyWords.Count(arm.VocabularySize)} tokens: {VocabularyWords.Number(mean)}"
            + (double.IsNaN(interval.Low) ? "" : $" ± {VocabularyWords.Number(interval.HalfWidth)}");
        return new ChartPoint(x, mean, interval.Low, interval.High, note);
    }

    private static ForestChart Forest(StudyAnalysis analysis) => new()
    {
        Description = "Every comparison with its 95 % interval in bits per byte; the band marks differences that count as none.",
        XLabel = "bits per byte saved, with 95 % interval",
        Margin = VerdictRule.EquivalenceMargin,
        Rows = [.. analysis.Contrasts.Select(contrast => new ForestRow(
            (contrast.Definition.Name == VocabularyContrasts.Primary ? "Primary: " : "") + contrast.Definition.Title,
            contrast.Summary.Mean,
            contrast.Summary.Interval.Low,
            contrast.Summary.Interval.High,
            contrast.Verdict))],
    };
}
