namespace Embeddings.Runtime.Tests.Models;

[VariantOf<Plain>]
[Transformer(Positions = PositionKind.Alibi, Initialization = InitializationScheme.Gpt2)]
public sealed partial class WithAlibi;

/// <summary>Every second layer sees all positions.</summary>
[VariantOf<Plain>]
[Transformer(Layers = 3, Initialization = InitializationScheme.FanIn)]
[SlidingWindow(4, Pattern = "LG")]
public sealed partial class WithWindows;

[VariantOf<WithRotary>]
[Transformer(Initialization = InitializationScheme.ZeroOutput)]
[SlidingWindow(3)]
public sealed partial class WithOneWindow;

[VariantOf<Plain>]
[Transformer(Layers = 3, InputSkip = true)]
public sealed partial class WithInputSkip;

[VariantOf<Plain>]
[Transformer(ResidualScale = 0.5, FeedForwardRatio = 1.3, Initialization = InitializationScheme.Glorot)]
public sealed partial class WithBlockOptions;

/// <summary>Value rows in every layer, of grouped heads.</summary>
[VariantOf<WithGroupedHeads>]
[ValueEmbeddings("V")]
public sealed partial class WithValueRows;

/// <summary>Value rows in the first and third of four layers.</summary>
[VariantOf<WithRotary>]
[Transformer(Layers = 4)]
[ValueEmbeddings("VN")]
public sealed partial class WithSomeValueRows;

/// <summary>The same without.</summary>
[VariantOf<WithRotary>]
[Transformer(Layers = 4)]
public sealed partial class WithoutValueRows;

[VariantOf<Plain>]
[FutureTargets(2, Weight = 0.7, Falloff = 0.5)]
public sealed partial class WithFutureTargets;

[VariantOf<WithTiedHead>]
[Transformer(LogitSoftCap = 5, FeedForward = FeedForwardKind.SwiGlu)]
[FutureTargets(1, Kind = FutureHeadKind.FeedForward)]
public sealed partial class WithFutureFeedForward;

/// <summary>As many key-value heads as heads, said.</summary>
[VariantOf<Plain>]
[Transformer(KeyValueHeads = 2)]
public sealed partial class WithHeadsSaid;

[VariantOf<Plain>]
[Transformer(Layers = 1, Initialization = InitializationScheme.He)]
public sealed partial class WithLargerWeights;

/// <summary>Everything that a pass can keep, behind a norm, so that the rows' gradient is not that of the residual stream.</summary>
[VariantOf<WithInputSkip>]
[Transformer(EmbeddingNorm = true, LogitSoftCap = 5)]
[Capture(CapturePoints.EmbeddingGradient | CapturePoints.States | CapturePoints.Logits)]
public sealed partial class WithCaptures;

[VariantOf<WithCaptures>]
[Transformer(EmbeddingNorm = false, InputSkip = false, LogitSoftCap = 0)]
public sealed partial class WithPlainCaptures;

/// <summary>A route together with what every layer reads.</summary>
[VariantOf<WithCaptures>]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class WithCapturesAndRoute;

[VariantOf<WithInputSkip>]
[Transformer(Context = 8)]
[GradientRoutes(Table = TableGradient.Nearby, Distance = 7)]
public sealed partial class SkipNearbyWhole;

[VariantOf<WithInputSkip>]
[Transformer(Context = 8)]
[GradientRoutes(Table = TableGradient.CrossPosition)]
public sealed partial class SkipCrossPosition;

[VariantOf<WithInputSkip>]
[Transformer(Context = 8)]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class SkipOwnPosition;

[VariantOf<WithInputSkip>]
[Transformer(Context = 8)]
public sealed partial class SkipFull;

[VariantOf<WithAlibi>]
[SlidingWindow(5)]
[GradientRoutes(Table = TableGradient.Nearby, Distance = 11)]
public sealed partial class WindowNearbyWhole;

[VariantOf<WithAlibi>]
[SlidingWindow(5)]
public sealed partial class WindowFull;

/// <summary>Every option that goes with every other.</summary>
[VariantOf<Plain>]
[Transformer(Layers = 3, Context = 8, Positions = PositionKind.Alibi, Norm = NormKind.RmsNorm, FeedForward = FeedForwardKind.SwiGlu, Biases = false,
    QueryKeyNorm = true, KeyValueHeads = 1, LogitSoftCap = 5, EmbeddingNorm = true, InputSkip = true, ResidualScale = 0.7)]
[SlidingWindow(4, Pattern = "LG")]
[ValueEmbeddings("NV")]
[FutureTargets(2)]
[InputEmbedding(EmbeddingKind.TableAndComposed, SpellingPositions = 2)]
[HashedNgrams(61, Order = 3)]
[SuffixRows(300)]
[Capture(CapturePoints.EmbeddingGradient | CapturePoints.States | CapturePoints.Logits)]
[Muon(ParameterGroup.Body)]
public sealed partial class CombinedFull;

[VariantOf<CombinedFull>]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class CombinedOwnPosition;

[VariantOf<CombinedFull>]
[GradientRoutes(Table = TableGradient.CrossPosition)]
public sealed partial class CombinedCrossPosition;

[VariantOf<CombinedFull>]
[GradientRoutes(Table = TableGradient.Nearby, Distance = 7)]
public sealed partial class CombinedNearbyWhole;

[VariantOf<Plain>]
[Training(Recompute = true)]
public sealed partial class RecomputedPlain;

[VariantOf<WithEverything>]
[Training(Recompute = true)]
public sealed partial class RecomputedEverything;

[VariantOf<WithInputSkip>]
[Training(Recompute = true)]
public sealed partial class RecomputedInputSkip;

/// <summary>Three walks over the same blocks.</summary>
[VariantOf<RoutePermuted>]
[Training(Recompute = true)]
public sealed partial class RecomputedPermuted;

/// <summary>Layers that are updated inside the backward.</summary>
[VariantOf<Plain>]
[Transformer(Layers = 3)]
[Training(ClipNorm = 0)]
public sealed partial class KeptUnclipped;

[VariantOf<KeptUnclipped>]
[Training(Recompute = true)]
public sealed partial class RecomputedUnclipped;
