namespace Embeddings.Experiments.Variants;

// One option each on top of Baseline, or of its bytes: to compare, and to see what an option costs.

/// <summary><see cref="Baseline"/> with a table of value rows in every second layer.</summary>
[VariantOf<Baseline>]
[ValueEmbeddings("VN")]
public sealed partial class BaselineValueEmbeddings;

/// <summary><see cref="Baseline"/> trained on the two targets further ahead too.</summary>
[VariantOf<Baseline>]
[FutureTargets(2)]
public sealed partial class BaselineFutureTargets;

/// <summary><see cref="Baseline"/> with rows of a second vocabulary, four times as large, added.</summary>
[VariantOf<Baseline>]
[SecondInputTable(4096)]
public sealed partial class BaselineTwoTables;

/// <summary><see cref="Baseline"/> that reads the last byte of each token and predicts tokens.</summary>
[VariantOf<Baseline>]
[InputEmbedding(EmbeddingKind.Table, VocabularySize = 256)]
public sealed partial class BaselineBytesToTokens;

/// <summary><see cref="Baseline"/> whose head says each token as its bytes.</summary>
[VariantOf<Baseline>]
[OutputHead(HeadKind.Bytes)]
public sealed partial class BaselineBytesHead;

/// <summary><see cref="Baseline"/> whose rows a recurrence reads from the bytes.</summary>
[VariantOf<Baseline>]
[InputEmbedding(EmbeddingKind.Recurrent)]
public sealed partial class BaselineRecurrent;

/// <summary><see cref="Baseline"/> whose rows a convolution reads from the bytes.</summary>
[VariantOf<Baseline>]
[InputEmbedding(EmbeddingKind.Convolutional)]
public sealed partial class BaselineConvolutional;

/// <summary>Bytes in, bytes out.</summary>
[VariantOf<Baseline>]
[Bytes]
public sealed partial class BaselineBytes;

/// <summary><see cref="BaselineBytes"/> that reads the longest token that ends at each byte and predicts bytes.</summary>
[VariantOf<BaselineBytes>]
[InputEmbedding(EmbeddingKind.Table, VocabularySize = 1024)]
public sealed partial class BaselineTokensToBytes;

/// <summary><see cref="BaselineBytes"/> with the row of that token added to the byte's.</summary>
[VariantOf<BaselineBytes>]
[SuffixRows(1024)]
public sealed partial class BaselineSuffixRows;

/// <summary><see cref="Baseline"/> at its full rate, to branch cooldowns from.</summary>
[VariantOf<Baseline>]
[LearningRateSchedule(ScheduleKind.WarmupStableDecay)]
public sealed partial class BaselineTrunk;
