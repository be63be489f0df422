namespace Embeddings.Experiments.Variants;

// The arms of the vocabulary study: one body, one untied head, three vocabularies, five kinds of input row. A norm without gain stands
// after the embedding, so that every kind of row enters the first block with the same scale. Positions are rotary: learned ones start at a
// fiftieth of the normalised rows' scale, and in 1 MB bytes do not learn from them where their neighbours are. The batch shrinks as tokens
// get longer, so that every arm makes about as many optimizer steps on about as many bytes each. At 256 every token is one byte: a table, a
// composition and its permutation are the same model there but for the draw of its starting rows, so one of them is enough (and a second
// one measures that draw).

/// <summary>Bytes with a learned row each: the arm that the others are measured against.</summary>
[Transformer(Layers = 2, Width = 64, Heads = 4, Context = 128, Positions = PositionKind.Rotary, EmbeddingNorm = true)]
[Bytes]
[OutputHead(HeadKind.Untied)]
[AdamW(LearningRate = 3e-3)]
[LearningRateSchedule(ScheduleKind.Cosine)]
[Training(BatchSize = 8)]
public sealed partial class Vocabulary256;

/// <summary><see cref="Vocabulary256"/> with rows composed of bytes and their positions.</summary>
[VariantOf<Vocabulary256>]
[InputEmbedding(EmbeddingKind.Composed)]
public sealed partial class Vocabulary256Composed;

/// <summary><see cref="Vocabulary256"/> with random rows that are never trained.</summary>
[VariantOf<Vocabulary256>]
[InputEmbedding(EmbeddingKind.FrozenRandom)]
public sealed partial class Vocabulary256FrozenRandom;

/// <summary>1,024 byte-level BPE tokens with a learned row each.</summary>
[VariantOf<Vocabulary256>]
[ByteLevelBpe(VocabularySize = 1024)]
[Training(BatchSize = 3)]
public sealed partial class Vocabulary1024;

/// <summary><see cref="Vocabulary1024"/> with rows composed of bytes and their positions.</summary>
[VariantOf<Vocabulary1024>]
[InputEmbedding(EmbeddingKind.Composed)]
public sealed partial class Vocabulary1024Composed;

/// <summary><see cref="Vocabulary1024"/> with rows composed of another token's bytes: the control for spelling.</summary>
[VariantOf<Vocabulary1024>]
[InputEmbedding(EmbeddingKind.ComposedPermuted)]
public sealed partial class Vocabulary1024ComposedPermuted;

/// <summary><see cref="Vocabulary1024"/> with random rows that are never trained.</summary>
[VariantOf<Vocabulary1024>]
[InputEmbedding(EmbeddingKind.FrozenRandom)]
public sealed partial class Vocabulary1024FrozenRandom;

/// <summary><see cref="Vocabulary1024"/> with rows that sum bytes, blind to their order.</summary>
[VariantOf<Vocabulary1024>]
[InputEmbedding(EmbeddingKind.ByteSum)]
public sealed partial class Vocabulary1024ByteSum;

/// <summary>4,096 byte-level BPE tokens with a learned row each.</summary>
[VariantOf<Vocabulary256>]
[ByteLevelBpe(VocabularySize = 4096)]
[Training(BatchSize = 2)]
public sealed partial class Vocabulary4096;

/// <summary><see cref="Vocabulary4096"/> with rows composed of bytes and their positions.</summary>
[VariantOf<Vocabulary4096>]
[InputEmbedding(EmbeddingKind.Composed)]
public sealed partial class Vocabulary4096Composed;

/// <summary><see cref="Vocabulary4096"/> with rows composed of another token's bytes: the control for spelling.</summary>
[VariantOf<Vocabulary4096>]
[InputEmbedding(EmbeddingKind.ComposedPermuted)]
public sealed partial class Vocabulary4096ComposedPermuted;

/// <summary><see cref="Vocabulary4096"/> with random rows that are never trained.</summary>
[VariantOf<Vocabulary4096>]
[InputEmbedding(EmbeddingKind.FrozenRandom)]
public sealed partial class Vocabulary4096FrozenRandom;

/// <summary><see cref="Vocabulary4096"/> with rows that sum bytes, blind to their order.</summary>
[VariantOf<Vocabulary4096>]
[InputEmbedding(EmbeddingKind.ByteSum)]
public sealed partial class Vocabulary4096ByteSum;
