namespace Embeddings.Runtime.Tests.Models;

/// <summary>A small model; every other one here differs from it, or from one that does, in what its attributes say again.</summary>
[Transformer(Layers = 2, Width = 32, Heads = 2, Context = 12)]
[Training(BatchSize = 3)]
public sealed partial class Plain;

[VariantOf<Plain>]
[Transformer(Norm = NormKind.RmsNorm)]
public sealed partial class WithRmsNorm;

[VariantOf<Plain>]
[Transformer(Positions = PositionKind.Rotary)]
public sealed partial class WithRotary;

[VariantOf<Plain>]
[Transformer(Positions = PositionKind.None)]
public sealed partial class WithoutPositions;

[VariantOf<Plain>]
[Transformer(FeedForward = FeedForwardKind.SwiGlu)]
public sealed partial class WithSwiGlu;

[VariantOf<Plain>]
[Transformer(FeedForward = FeedForwardKind.SquaredRelu)]
public sealed partial class WithSquaredRelu;

[VariantOf<Plain>]
[Transformer(Biases = false)]
public sealed partial class WithoutBiases;

[VariantOf<Plain>]
[Transformer(QueryKeyNorm = true)]
public sealed partial class WithQueryKeyNorm;

[VariantOf<Plain>]
[Transformer(KeyValueHeads = 1)]
public sealed partial class WithGroupedHeads;

[VariantOf<Plain>]
[Transformer(LogitSoftCap = 5)]
public sealed partial class WithSoftCap;

[VariantOf<Plain>]
[Transformer(EmbeddingNorm = true)]
public sealed partial class WithEmbeddingNorm;

[VariantOf<Plain>]
[OutputHead(HeadKind.Tied)]
public sealed partial class WithTiedHead;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.FrozenRandom)]
public sealed partial class WithFrozenRows;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.ByteSum)]
public sealed partial class WithByteSum;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.Composed)]
public sealed partial class WithComposedRows;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.ComposedPermuted)]
public sealed partial class WithPermutedSpelling;

[VariantOf<Plain>]
[ByteLevelBpe(VocabularySize = 300)]
public sealed partial class WithMerges;

/// <summary>Widths that no vector divides.</summary>
[VariantOf<Plain>]
[Transformer(Width = 18, Heads = 3, FeedForwardWidth = 13)]
public sealed partial class WithOddWidths;

[VariantOf<WithOddWidths>]
[Transformer(Width = 24, Heads = 4, KeyValueHeads = 2, Layers = 3)]
public sealed partial class WithPairsOfHeads;

/// <summary>No token sees another.</summary>
[VariantOf<Plain>]
[Transformer(Context = 1)]
public sealed partial class WithContextOfOne;

/// <summary>Tokens of several bytes, whose last ones share a position.</summary>
[VariantOf<WithComposedRows>]
[InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 2)]
[ByteLevelBpe(VocabularySize = 300)]
public sealed partial class WithSharedPositions;

/// <summary>Everything at once.</summary>
[VariantOf<WithRotary>]
[Transformer(Norm = NormKind.RmsNorm, FeedForward = FeedForwardKind.SwiGlu, Biases = false, QueryKeyNorm = true, KeyValueHeads = 1,
    LogitSoftCap = 5, EmbeddingNorm = true, Layers = 1)]
[OutputHead(HeadKind.Tied)]
public sealed partial class WithEverything;
