namespace Embeddings.Runtime.Tests.Models;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.FrozenBinary)]
public sealed partial class WithBinaryCode;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.LowRank, Rank = 5)]
public sealed partial class WithLowRank;

[VariantOf<Plain>]
[ByteLevelBpe(VocabularySize = 300)]
[InputEmbedding(EmbeddingKind.TableAndComposed, SpellingPositions = 4)]
public sealed partial class WithTableAndComposed;

[VariantOf<Plain>]
[HashedNgrams(61, Order = 3)]
public sealed partial class WithNgrams;

[VariantOf<WithNgrams>]
[Transformer(Positions = PositionKind.None, EmbeddingNorm = true)]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class WithRoutedNgrams;

[VariantOf<Plain>]
[SuffixRows(400)]
public sealed partial class WithSuffixRows;

/// <summary>Inputs of 700 ids, targets of 256 bytes.</summary>
[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.Table, VocabularySize = 700)]
public sealed partial class WithInputVocabulary;

[VariantOf<Plain>]
[OutputHead(HeadKind.TiedThenUntied, UntiesAfter = 2)]
public sealed partial class WithUntyingHead;

[VariantOf<Plain>]
[Muon(ParameterGroup.Body, LearningRate = 0.02)]
[AdamW(ParameterGroup.InputEmbedding, RateRule = RateRule.TimesRootWidth, LearningRate = 1e-3, WarmupSteps = 4)]
[LearningRateSchedule(ScheduleKind.Linear)]
public sealed partial class WithMuon;

/// <summary>Rows alone enter the first layer, whose state is kept.</summary>
[VariantOf<WithoutPositions>]
[Capture(CapturePoints.States)]
public sealed partial class StatesOfTable;

[VariantOf<StatesOfTable>]
[InputEmbedding(EmbeddingKind.FrozenBinary)]
public sealed partial class StatesOfBinaryCode;

[VariantOf<StatesOfTable>]
[InputEmbedding(EmbeddingKind.LowRank, Rank = 16)]
public sealed partial class StatesOfLowRank;

[VariantOf<StatesOfTable>]
[InputEmbedding(EmbeddingKind.TableAndComposed)]
public sealed partial class StatesOfTableAndComposed;
