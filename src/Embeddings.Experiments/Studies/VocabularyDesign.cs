using System.Collections.Immutable;

namespace Embeddings.Experiments.Studies;

/// <summary>Which arms, seeds and budgets a tier of the vocabulary study has; constants, so that two machines make the same runs.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Seeds">Paired runs per cell.</param>
/// <param name="BytesPerRun">Training text of a run on the axis of equal bytes.</param>
/// <param name="Arms">Arms compared at equal bytes.</param>
/// <param name="EqualFlopsArms">Arms compared at equal floating-point operations as well.</param>
public sealed record VocabularyDesign(
    StudyTier Tier, int Seeds, long BytesPerRun, ImmutableArray<VocabularyArm> Arms, ImmutableArray<VocabularyArm> EqualFlopsArms)
{
    /// <summary>Held-out bytes that every run is measured on, at most.</summary>
    public long ValidationBytes { get; init; } = 250_000;

    /// <summary>Factors on the declared learning rates, of which each variant takes the best; empty keeps what is declared.</summary>
    public ImmutableArray<double> RateScales { get; init; } = [];

    /// <summary>The factors of a sweep: half, once, twice.</summary>
    public static ImmutableArray<double> SweptRateScales => [0.5, 1, 2];

    /// <summary>The vocabularies, ascending.</summary>
    public static ImmutableArray<int> Vocabularies => [256, 1024, 4096];

    /// <summary>The smallest vocabulary: bytes.</summary>
    public const int Smallest = 256;

    /// <summary>The largest vocabulary.</summary>
    public const int Largest = 4096;

    /// <summary>
    /// The design of a tier. The quick tier trains one model for the table, the composition and its control at 256 entries, where they are
    /// the same model; the full tier trains the composition too, which measures how much the draw of the starting values alone is worth.
    /// </summary>
    public static VocabularyDesign Of(StudyTier tier) => tier == StudyTier.Quick ? Quick() : Full();

    /// <summary>Whether the table and composed rows have the same runs at the smallest vocabulary.</summary>
    public bool SharesSmallest => Find(Smallest, EmbeddingKind.Table)!.Variant == Find(Smallest, EmbeddingKind.Composed)!.Variant;

    /// <summary>The arm of a vocabulary and a kind, or null.</summary>
    public VocabularyArm? Find(int vocabularySize, EmbeddingKind kind) =>
        Arms.FirstOrDefault(arm => arm.VocabularySize == vocabularySize && arm.Kind == kind);

    private static VocabularyDesign Quick()
    {
        EmbeddingKind[] kinds = [EmbeddingKind.Table, EmbeddingKind.Composed, EmbeddingKind.ComposedPermuted, EmbeddingKind.FrozenRandom];
        ImmutableArray<VocabularyArm> arms = [.. Vocabularies.SelectMany(size => kinds.Select(kind => Arm(size, kind, StudyTier.Quick)))];
        ImmutableArray<VocabularyArm> flops = [.. arms.Where(
            arm => arm.VocabularySize != 1024 && arm.Kind is EmbeddingKind.Table or EmbeddingKind.Composed)];
        return new VocabularyDesign(StudyTier.Quick, Seeds: 3, BytesPerRun: 1_000_000, arms, flops);
    }

    private static VocabularyDesign Full()
    {
        EmbeddingKind[] kinds =
        [
            EmbeddingKind.Table, EmbeddingKind.Composed, EmbeddingKind.ComposedPermuted, EmbeddingKind.FrozenRandom, EmbeddingKind.ByteSum,
        ];
        ImmutableArray<VocabularyArm> arms = [.. Vocabularies.SelectMany(size => kinds.Select(kind => Arm(size, kind, StudyTier.Full)))];
        ImmutableArray<VocabularyArm> flops = [.. arms.Where(arm => arm.Kind is EmbeddingKind.Table or EmbeddingKind.Composed)];
        return new VocabularyDesign(StudyTier.Full, Seeds: 5, BytesPerRun: 4_000_000, arms, flops) { RateScales = SweptRateScales };
    }

    private static VocabularyArm Arm(int vocabularySize, EmbeddingKind kind, StudyTier tier)
    {
        bool sameAsTable = vocabularySize == Smallest
            && kind is EmbeddingKind.Composed or EmbeddingKind.ComposedPermuted or EmbeddingKind.ByteSum
            && !(tier == StudyTier.Full && kind == EmbeddingKind.Composed);
        string suffix = kind == EmbeddingKind.Table || sameAsTable ? "" : kind.ToString();
        return new VocabularyArm(vocabularySize, kind, FormattableString.Invariant($"Vocabulary{vocabularySize}{suffix}"));
    }
}
