using System.Collections.Immutable;
using Embeddings.Models;

namespace Embeddings.Experiments.Studies;

/// <summary>
/// Does a larger vocabulary help, and is the reason that its tokens have rows of their own? Vocabulary size × kind of input row, in bits
/// per byte of the same held-out text, at equal bytes and at equal floating-point operations. Every point is a run of its own with its own
/// decayed learning rate: a point in the middle of a schedule is not what a run of that length would have reached.
/// </summary>
public static class VocabularyStudy
{
    /// <summary>The study's name on the command line.</summary>
    public const string Name = "vocabulary";

    /// <summary>Plans the runs.</summary>
    /// <param name="design">Arms, seeds and budgets.</param>
    /// <param name="find">The declared variant of a name.</param>
    /// <param name="executor">Knows how many bytes a token stands for, which turns operations into bytes.</param>
    /// <param name="sweep">The learning rate of each variant.</param>
    public static StudyPlan Plan(VocabularyDesign design, Func<string, Variant> find, IRunExecutor executor, RateSweep sweep)
    {
        double FlopsPerByte(Variant variant) =>
            variant.Description.FlopsPerToken
            / executor.Tokenizer(variant.Description, design.BytesPerRun).TrainingBytesPerToken;

        var cells = new List<StudyCell>();
        foreach (string name in design.Arms.Select(arm => arm.Variant).Distinct())
        {
            cells.Add(new StudyCell(find(name), BudgetAxis.Bytes, design.BytesPerRun, sweep.Of(name)));
        }

        // The largest vocabulary's runs set the budget of operations, so that they serve both axes.
        Variant anchor = find(design.Find(VocabularyDesign.Largest, EmbeddingKind.Table)!.Variant);
        double flops = design.BytesPerRun * FlopsPerByte(anchor);
        foreach (VocabularyArm arm in design.EqualFlopsArms.DistinctBy(arm => arm.Variant))
        {
            Variant variant = find(arm.Variant);
            long bytes = arm.VocabularySize == VocabularyDesign.Largest ? design.BytesPerRun : (long)Math.Round(flops / FlopsPerByte(variant));
            cells.Add(new StudyCell(variant, BudgetAxis.Flops, bytes, sweep.Of(arm.Variant)));
        }

        ImmutableArray<ulong> seeds = [.. Enumerable.Range(1, design.Seeds).Select(seed => (ulong)seed)];
        return new StudyPlan(Name, design.Tier, seeds, [.. cells]);
    }

    /// <summary>Evaluates the comparisons on finished runs.</summary>
    public static StudyAnalysis Analyze(
        VocabularyDesign design, StudyPlan plan, IRunExecutor executor, IReadOnlyList<RunResult> runs)
    {
        IEnumerable<TokenizerSummary> tokenizers = VocabularyDesign.Vocabularies.Select(size => executor.Tokenizer(
            plan.Find(design.Find(size, EmbeddingKind.Table)!.Variant, BudgetAxis.Bytes)!.Variant.Description, design.BytesPerRun));
        return StudyAnalysis.Of(plan, executor.Corpus, tokenizers, runs, VocabularyContrasts.Of(design));
    }
}
