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

/// <summary>Bytes out; in, pairs of bytes, and a second table of others.</summary>
[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.Table, VocabularySize = 259)]
[SecondInputTable(261)]
public sealed partial class WithTwoTables;

/// <summary>Composed rows of inputs that are not the targets, and suffix rows of bytes beside a second table.</summary>
[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.Composed, VocabularySize = 300)]
[HashedNgrams(67)]
public sealed partial class WithComposedInputs;

[VariantOf<Plain>]
[OutputHead(HeadKind.TiedThenUntied, UntiesAfter = 2)]
public sealed partial class WithUntyingHead;

[VariantOf<Plain>]
[Muon(ParameterGroup.Body, LearningRate = 0.02)]
[AdamW(ParameterGroup.InputEmbedding, RateRule = RateRule.TimesRootWidth, LearningRate = 1e-3, WarmupSteps = 4)]
[LearningRateSchedule(ScheduleKind.Linear)]
public sealed partial class WithMuon;

/// <summary>Tokens of up to three bytes, said as bytes; more places than one byte's are shared.</summary>
[VariantOf<Plain>]
[ByteLevelBpe(VocabularySize = 300)]
[OutputHead(HeadKind.Bytes, DecoderWidth = 20, DecoderPositions = 2)]
public sealed partial class WithBytesHead;

[VariantOf<Plain>]
[Transformer(LogitSoftCap = 5)]
[OutputHead(HeadKind.Bytes)]
[FutureTargets(2)]
public sealed partial class WithBytesHeadAndFutureTargets;

[VariantOf<Plain>]
[InputEmbedding(EmbeddingKind.LowRank, Rank = 1)]
public sealed partial class WithRankOne;

/// <summary>Tokens of one byte and of three, of which two are read.</summary>
[VariantOf<Plain>]
[ByteLevelBpe(VocabularySize = 300)]
[InputEmbedding(EmbeddingKind.Recurrent, HiddenWidth = 12, BytesRead = 2)]
public sealed partial class WithRecurrentRows;

[VariantOf<Plain>]
[ByteLevelBpe(VocabularySize = 300)]
[InputEmbedding(EmbeddingKind.Convolutional, HiddenWidth = 12)]
public sealed partial class WithConvolutionalRows;

[VariantOf<WithRecurrentRows>]
[InputEmbedding(EmbeddingKind.Recurrent, BytesRead = 4)]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class WithRoutedRecurrentRows;

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

[VariantOf<StatesOfTable>]
[InputEmbedding(EmbeddingKind.Recurrent, HiddenWidth = 64, VocabularySize = 600)]
public sealed partial class StatesOfRecurrence;

[VariantOf<StatesOfTable>]
[InputEmbedding(EmbeddingKind.Convolutional, HiddenWidth = 64, VocabularySize = 600)]
public sealed partial class StatesOfConvolution;
