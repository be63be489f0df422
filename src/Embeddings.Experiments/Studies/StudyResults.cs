using System.Collections.Immutable;
using Embeddings.Experiments.Statistics;
using Embeddings.Models;
using Embeddings.Training;

namespace Embeddings.Experiments.Studies;

/// <summary>A study as its <c>results.json</c> tells it. Numbers that do not exist, such as the interval of one seed, are null.</summary>
public sealed record StudyResults
{
    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>Its tier.</summary>
    public required string Tier { get; init; }

    /// <summary>The text.</summary>
    public required CorpusSummary Corpus { get; init; }

    /// <summary>Every run.</summary>
    public required ImmutableArray<RunEntry> Runs { get; init; }

    /// <summary>The runs that chose each variant's learning rate; empty where the declared ones are kept.</summary>
    public required ImmutableArray<RateSweep.Point> Sweep { get; init; }

    /// <summary>Every comparison.</summary>
    public required ImmutableArray<ContrastEntry> Contrasts { get; init; }

    /// <summary>Every claim.</summary>
    public required ImmutableArray<ClaimEntry> Claims { get; init; }

    /// <summary>Every cell of the design.</summary>
    public required ImmutableArray<CellEntry> Cells { get; init; }

    /// <summary>What each vocabulary does to the text.</summary>
    public required ImmutableArray<TokenizerSummary> Tokenizers { get; init; }

    /// <summary>Models of counts on the same text.</summary>
    public required ImmutableArray<ReferenceScore> References { get; init; }

    /// <summary>The rule behind every verdict.</summary>
    public required string VerdictRule { get; init; }

    /// <summary>Largest difference that counts as none, in bits per byte.</summary>
    public required double EquivalenceMargin { get; init; }

    /// <summary>The machine that wrote these results.</summary>
    public required MachineDescription Machine { get; init; }

    /// <summary>Threads that trained.</summary>
    public required int Threads { get; init; }

    /// <summary>A run.</summary>
    public sealed record RunEntry(
        string Variant, ulong Seed, double ValidationBitsPerByte, long Bytes, long Tokens, double Flops, double Seconds, long Steps,
        double FlopsWithoutHead, long BudgetBytes, double RateScale, ImmutableArray<string> Axes);

    /// <summary>A comparison: estimate and 95 % interval in bits per byte, p of the paired t-test.</summary>
    public sealed record ContrastEntry(
        string Name, string Title, string Family, double? Estimate, double? Low, double? High, double? P, double? PHolm, double? PSignFlip,
        double? PEquivalence, double? EffectSize, int Pairs, ImmutableArray<double> PerSeed, string Verdict);

    /// <summary>A claim.</summary>
    public sealed record ClaimEntry(string Id, string Statement, string Rule, string Verdict, string Explanation);

    /// <summary>A cell: mean bits per byte over seeds, and where its parameters are.</summary>
    public sealed record CellEntry(
        string Variant, string Axis, int VocabularySize, string Embedding, long Bytes, double? Mean, double? Low, double? High, int Seeds,
        long InputParameters, long OutputParameters, long BodyParameters, double FlopsPerToken);

    /// <summary>Gathers a study's results.</summary>
    public static StudyResults Of(
        StudyAnalysis analysis, RateSweep sweep, ImmutableArray<ClaimResult> claims, ImmutableArray<ReferenceScore> references, int threads) => new()
        {
            Study = analysis.Plan.Study,
            Tier = analysis.Plan.Tier.ToString().ToLowerInvariant(),
            Corpus = analysis.Corpus,
            Runs = [.. analysis.Runs.Select(run => Entry(analysis.Plan, run))],
            Sweep = sweep.Points,
            Contrasts = [.. analysis.Contrasts.Select(Entry)],
            Claims = [.. claims.Select(claim => new ClaimEntry(
                claim.Id, claim.Statement, claim.Rule, VocabularyClaims.Word(claim.Verdict), claim.Explanation))],
            Cells = [.. analysis.Plan.Cells.Select(cell => Entry(analysis, cell))],
            Tokenizers = analysis.Tokenizers,
            References = references,
            VerdictRule = Statistics.VerdictRule.Text,
            EquivalenceMargin = Statistics.VerdictRule.EquivalenceMargin,
            Machine = MachineDescription.Current,
            Threads = threads,
        };

    private static RunEntry Entry(StudyPlan plan, RunResult run) => new(
        run.Variant, run.Seed, run.ValidationBitsPerByte, run.Bytes, run.Tokens, run.Flops, run.Seconds, run.Steps, run.FlopsWithoutHead,
        run.BudgetBytes, run.RateScale,
        [.. plan.Cells
            .Where(cell => cell.Variant.Name == run.Variant && cell.Bytes == run.BudgetBytes)
            .Select(cell => AxisName(cell.Axis))]);

    private static ContrastEntry Entry(ContrastResult contrast) => new(
        contrast.Definition.Name,
        contrast.Definition.Title,
        contrast.Definition.Family,
        Number(contrast.Summary.Mean),
        Number(contrast.Summary.Interval.Low),
        Number(contrast.Summary.Interval.High),
        Number(contrast.Summary.PValue),
        Number(contrast.CorrectedPValue),
        Number(contrast.Summary.SignFlipPValue),
        Number(contrast.Summary.EquivalencePValue),
        Number(contrast.Summary.EffectSize),
        contrast.Summary.Count,
        [.. contrast.PerSeed.Select(seed => seed.Value)],
        VocabularyClaims.Word(contrast.Verdict));

    private static CellEntry Entry(StudyAnalysis analysis, StudyCell cell)
    {
        ModelDescription model = cell.Variant.Description;
        double[] values = analysis.Cell(cell.Key);
        Interval interval = StudentT.MeanInterval(values);
        return new CellEntry(
            cell.Variant.Name,
            AxisName(cell.Axis),
            model.VocabularySize,
            model.Architecture.InputEmbedding.ToString(),
            cell.Bytes,
            Number(Sample.Mean(values)),
            Number(interval.Low),
            Number(interval.High),
            values.Length,
            model.GroupCount(ParameterGroup.InputEmbedding),
            model.GroupCount(ParameterGroup.OutputHead),
            model.GroupCount(ParameterGroup.Body),
            model.FlopsPerToken);
    }

    private static string AxisName(BudgetAxis axis) => axis == BudgetAxis.Bytes ? "equal bytes" : "equal flops";

    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
