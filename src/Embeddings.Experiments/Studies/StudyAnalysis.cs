using System.Collections.Immutable;

namespace Embeddings.Experiments.Studies;

/// <summary>A study's runs and all that follows from them.</summary>
public sealed record StudyAnalysis
{
    /// <summary>What was planned.</summary>
    public required StudyPlan Plan { get; init; }

    /// <summary>The text.</summary>
    public required CorpusSummary Corpus { get; init; }

    /// <summary>One per vocabulary size, ascending.</summary>
    public required ImmutableArray<TokenizerSummary> Tokenizers { get; init; }

    /// <summary>Finished runs, in the order of the plan.</summary>
    public required ImmutableArray<RunResult> Runs { get; init; }

    /// <summary>Bits per byte of each seed in each cell.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<ulong, double>> Values { get; init; }

    /// <summary>Comparisons, in the order they were defined.</summary>
    public required ImmutableArray<ContrastResult> Contrasts { get; init; }

    /// <summary>The comparison of a name.</summary>
    public ContrastResult Contrast(string name) => Contrasts.First(contrast => contrast.Definition.Name == name);

    /// <summary>The bits per byte of a cell, in order of seed; empty where it has no runs.</summary>
    public double[] Cell(string key) => Values.TryGetValue(key, out var seeds) ? [.. seeds.OrderBy(seed => seed.Key).Select(seed => seed.Value)] : [];

    /// <summary>The tokenizer of a vocabulary size.</summary>
    public TokenizerSummary Tokenizer(int vocabularySize) => Tokenizers.First(tokenizer => tokenizer.VocabularySize == vocabularySize);

    /// <summary>Evaluates a study's comparisons on its runs.</summary>
    public static StudyAnalysis Of(
        StudyPlan plan, CorpusSummary corpus, IEnumerable<TokenizerSummary> tokenizers, IReadOnlyList<RunResult> runs, IReadOnlyList<ContrastDefinition> contrasts)
    {
        var values = plan.Cells.ToDictionary(
            cell => cell.Key,
            cell => (IReadOnlyDictionary<ulong, double>)runs
                .Where(run => run.Variant == cell.Variant.Name && run.BudgetBytes == cell.Bytes)
                .ToDictionary(run => run.Seed, run => run.ValidationBitsPerByte));
        return new StudyAnalysis
        {
            Plan = plan,
            Corpus = corpus,
            Tokenizers = [.. tokenizers.OrderBy(tokenizer => tokenizer.VocabularySize)],
            Runs = [.. runs],
            Values = values,
            Contrasts = ContrastResult.Evaluate(contrasts, values),
        };
    }
}
