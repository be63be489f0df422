namespace Embeddings.Generator.Parsing;

/// <summary>
/// What holds where no attribute says otherwise. The values are those of the attributes' own initialisers, so that each default stands
/// once; only the kinds, which a constructor asks for, are named here: learned table, untied head, cosine schedule, and bytes as tokens.
/// </summary>
internal static class Defaults
{
    public static readonly TransformerAttribute Transformer = new();
    public static readonly InputEmbeddingAttribute InputEmbedding = new(EmbeddingKind.Table);
    public static readonly OutputHeadAttribute OutputHead = new(HeadKind.Untied);
    public static readonly ByteLevelBpeAttribute ByteLevelBpe = new();
    public static readonly RandomMergesAttribute RandomMerges = new();

    /// <summary>Where the attribute stands its file and size are said.</summary>
    public static readonly TokenizerFileAttribute TokenizerFile = new("");
    public static readonly TrainingAttribute Training = new();
    public static readonly LearningRateScheduleAttribute Schedule = new(ScheduleKind.Cosine);
    public static readonly AdamWAttribute AdamW = new();
    public static readonly GradientRoutesAttribute Routes = new();
    public static readonly MuonAttribute Muon = new(ParameterGroup.All);
    public static readonly CaptureAttribute Capture = new(CapturePoints.None);

    /// <summary>Where the attribute stands its window is said; its pattern has a default.</summary>
    public static readonly SlidingWindowAttribute SlidingWindow = new(positions: 0);

    /// <summary>Where the attribute stands its count is said; the rest has defaults.</summary>
    public static readonly FutureTargetsAttribute FutureTargets = new(count: 0);

    /// <summary>Where the attribute stands its rows are said; its order has a default.</summary>
    public static readonly HashedNgramsAttribute HashedNgrams = new(rows: 0);
}
