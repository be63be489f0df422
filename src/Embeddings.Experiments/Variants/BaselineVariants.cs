namespace Embeddings.Experiments.Variants;

/// <summary>A small model to start from: 1,024 byte-level BPE tokens, four blocks of width 128.</summary>
[Transformer(Layers = 4, Width = 128, Heads = 4, Context = 128)]
[ByteLevelBpe(VocabularySize = 1024)]
[AdamW(LearningRate = 1e-3)]
public sealed partial class Baseline;

/// <summary><see cref="Baseline"/>, its input rows computed from each token's bytes and their positions.</summary>
[VariantOf<Baseline>]
[InputEmbedding(EmbeddingKind.Composed)]
public sealed partial class BaselineComposed;

/// <summary><see cref="Baseline"/> with the parts of Llama: RMSNorm, rotary positions, SwiGLU, two key-value heads, no biases.</summary>
[VariantOf<Baseline>]
[Transformer(Norm = NormKind.RmsNorm, Positions = PositionKind.Rotary, FeedForward = FeedForwardKind.SwiGlu, KeyValueHeads = 2, Biases = false)]
public sealed partial class BaselineLlama;
