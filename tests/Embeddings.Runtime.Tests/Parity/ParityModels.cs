namespace Embeddings.Runtime.Tests.Parity;

// The gradient of a key's bias is 0 but for rounding, because softmax does not see what it adds to every score of a row. With an epsilon
// of 1e-5 AdamW moves it by rounding only; with a smaller one its direction would be that of the rounding.

/// <summary>As GPT-2: learned positions, LayerNorm, GELU, biases, a tied head.</summary>
[Transformer(Layers = 2, Width = 24, Heads = 3, Context = 10)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 3, AccumulationSteps = 2, ClipNorm = 0.5)]
[AdamW(LearningRate = 2e-3, Epsilon = 1e-5, WeightDecay = 0.2)]
[AdamW(ParameterGroup.InputEmbedding, LearningRate = 5e-3, Beta1 = 0.8, Beta2 = 0.9)]
[LearningRateSchedule(ScheduleKind.Cosine, WarmupFraction = 0.2, FinalFraction = 0.1)]
public sealed partial class ParityAsGpt2;

/// <summary>As Llama, with a soft cap: RMSNorm, rotary positions, SwiGLU, grouped heads, norms of queries and keys, no biases.</summary>
[Transformer(Layers = 2, Width = 32, Heads = 4, KeyValueHeads = 2, Context = 9, FeedForwardWidth = 21, Norm = NormKind.RmsNorm,
    Positions = PositionKind.Rotary, FeedForward = FeedForwardKind.SwiGlu, Biases = false, QueryKeyNorm = true, LogitSoftCap = 4)]
[Training(BatchSize = 2, AccumulationSteps = 3, ClipNorm = 1)]
[AdamW(LearningRate = 3e-3, Epsilon = 1e-5)]
[AdamW(ParameterGroup.OutputHead, LearningRate = 1e-3, WeightDecay = 0)]
[LearningRateSchedule(ScheduleKind.WarmupStableDecay, WarmupFraction = 0.1, DecayFraction = 0.5, FinalFraction = 0.2)]
public sealed partial class ParityAsLlama;

/// <summary>Rows composed of bytes and their positions, normalised; squared ReLU, no positions, a constant rate, no clipping.</summary>
[Transformer(Layers = 1, Width = 20, Heads = 2, Context = 8, Positions = PositionKind.None, FeedForward = FeedForwardKind.SquaredRelu,
    EmbeddingNorm = true)]
[InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 2)]
[ByteLevelBpe(VocabularySize = 262)]
[Training(BatchSize = 4, ClipNorm = 0)]
[AdamW(LearningRate = 2e-3, Epsilon = 1e-5)]
[AdamW(ParameterGroup.Body, Beta2 = 0.99)]
[LearningRateSchedule(ScheduleKind.Constant, WarmupFraction = 0)]
public sealed partial class ParityComposed;
