using System.Collections.Immutable;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Studies;

/// <summary>
/// The comparisons of the vocabulary study, fixed before any run. A gain is bits per byte saved, so it is positive where the larger
/// vocabulary is better. The primary one is the difference in differences at equal bytes.
/// </summary>
public static class VocabularyContrasts
{
    /// <summary>The primary comparison: what a table gains from the larger vocabulary beyond what a composition gains.</summary>
    public const string Primary = "interaction-256-4096";

    /// <summary>The same at equal operations; full tier.</summary>
    public const string InteractionAtEqualFlops = "interaction-256-4096-equal-flops";

    /// <summary>Whether the interaction is more than 30 % of the table's gain.</summary>
    public const string LargeShare = "interaction-beyond-30-percent-of-gain";

    /// <summary>What a table gains from the larger vocabulary at equal bytes.</summary>
    public const string TableGain = "gain-table-256-4096";

    /// <summary>What a table gains at equal operations.</summary>
    public const string TableGainAtEqualFlops = "gain-table-256-4096-equal-flops";

    /// <summary>What a composition gains at equal bytes.</summary>
    public const string ComposedGain = "gain-composed-256-4096";

    /// <summary>What true spelling saves over permuted spelling at the largest vocabulary.</summary>
    public const string Spelling = "spelling-4096";

    /// <summary>What training the rows saves at the largest vocabulary.</summary>
    public const string Training = "training-rows-4096";

    /// <summary>What the order of bytes saves at the largest vocabulary; full tier.</summary>
    public const string Order = "byte-order-4096";

    /// <summary>Two draws of the same model; full tier.</summary>
    public const string SameModel = "same-model-256";

    /// <summary>All comparisons of a design.</summary>
    public static ImmutableArray<ContrastDefinition> Of(VocabularyDesign design)
    {
        string Cell(int size, EmbeddingKind kind, BudgetAxis axis = BudgetAxis.Bytes) => StudyCell.KeyOf(design.Find(size, kind)!.Variant, axis);

        const int Small = VocabularyDesign.Smallest;
        const int Large = VocabularyDesign.Largest;
        LinearContrast Gain(EmbeddingKind kind, int large = Large, BudgetAxis axis = BudgetAxis.Bytes) =>
            LinearContrast.Difference(Cell(Small, kind, axis), Cell(large, kind, axis));
        LinearContrast Interaction(BudgetAxis axis, EmbeddingKind second = EmbeddingKind.Composed, int large = Large) =>
            Gain(EmbeddingKind.Table, large, axis).Minus(1, Gain(second, large, axis));

        var contrasts = new List<ContrastDefinition>
        {
            new(Primary, "What a table gains from 4,096 tokens beyond what composed rows gain (equal bytes)", "primary", +1,
                Interaction(BudgetAxis.Bytes)),
            new(LargeShare, "The same, less 30 % of the table's gain (equal bytes)", "interaction", +1,
                Interaction(BudgetAxis.Bytes).Minus(0.3, Gain(EmbeddingKind.Table))),
            new("interaction-256-1024", "What a table gains from 1,024 tokens beyond what composed rows gain (equal bytes)", "interaction", +1,
                Interaction(BudgetAxis.Bytes, large: 1024)),
            new("interaction-frozen-256-4096", "What a table gains from 4,096 tokens beyond what frozen random rows gain (equal bytes)",
                "interaction", +1, Interaction(BudgetAxis.Bytes, EmbeddingKind.FrozenRandom)),
            new(TableGain, "Table: 256 → 4,096 tokens (equal bytes)", "vocabulary", +1, Gain(EmbeddingKind.Table)),
            new(TableGainAtEqualFlops, "Table: 256 → 4,096 tokens (equal operations)", "vocabulary", +1,
                Gain(EmbeddingKind.Table, axis: BudgetAxis.Flops)),
            new("gain-table-256-1024", "Table: 256 → 1,024 tokens (equal bytes)", "vocabulary", +1, Gain(EmbeddingKind.Table, 1024)),
            new(ComposedGain, "Composed rows: 256 → 4,096 tokens (equal bytes)", "vocabulary", +1, Gain(EmbeddingKind.Composed)),
            new("gain-composed-256-4096-equal-flops", "Composed rows: 256 → 4,096 tokens (equal operations)", "vocabulary", +1,
                Gain(EmbeddingKind.Composed, axis: BudgetAxis.Flops)),
            new(Spelling, "4,096 tokens: true rather than permuted spelling", "rows", +1,
                LinearContrast.Difference(Cell(Large, EmbeddingKind.ComposedPermuted), Cell(Large, EmbeddingKind.Composed))),
            new(Training, "4,096 tokens: a trained rather than a frozen table", "rows", +1,
                LinearContrast.Difference(Cell(Large, EmbeddingKind.FrozenRandom), Cell(Large, EmbeddingKind.Table))),
        };
        if (design.Find(Large, EmbeddingKind.ByteSum) is not null)
        {
            contrasts.Add(new(Order, "4,096 tokens: composed rows that know the order of bytes rather than not", "rows", +1,
                LinearContrast.Difference(Cell(Large, EmbeddingKind.ByteSum), Cell(Large, EmbeddingKind.Composed))));
        }

        // Where both gains start from the same runs and the largest vocabulary serves both budgets, the interaction is the same at both.
        if (!design.SharesSmallest)
        {
            contrasts.Add(new(InteractionAtEqualFlops, "What a table gains from 4,096 tokens beyond what composed rows gain (equal operations)",
                "interaction", +1, Interaction(BudgetAxis.Flops)));
            contrasts.Add(new(SameModel, "256 tokens: two draws of the same model", "sanity", 0,
                LinearContrast.Difference(Cell(Small, EmbeddingKind.Table), Cell(Small, EmbeddingKind.Composed))));
        }

        return [.. contrasts];
    }
}
