namespace Embeddings.Experiments.Tests.Exports;

/// <summary>GPT-2 with shared key-value heads, squared ReLU and no biases.</summary>
[Transformer(Layers = 2, Width = 32, Heads = 4, KeyValueHeads = 2, Context = 16, FeedForward = FeedForwardKind.SquaredRelu, Biases = false, Positions = PositionKind.None)]
[Bytes]
[Training(BatchSize = 1)]
public sealed partial class ExportGpt2;

/// <summary>GPT-2 with a norm after composed rows.</summary>
[Transformer(Layers = 2, Width = 32, Heads = 4, Context = 16, EmbeddingNorm = true)]
[ByteLevelBpe(VocabularySize = 320)]
[InputEmbedding(EmbeddingKind.Composed)]
[Training(BatchSize = 1)]
public sealed partial class ExportGpt2Composed;

/// <summary>GPT-2 with a tied head.</summary>
[Transformer(Layers = 1, Width = 32, Heads = 2, Context = 16)]
[Bytes]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 1)]
public sealed partial class ExportGpt2Tied;

/// <summary>Llama with biases and shared key-value heads.</summary>
[Transformer(
    Layers = 2, Width = 32, Heads = 4, KeyValueHeads = 2, Context = 16, Norm = NormKind.RmsNorm, Positions = PositionKind.Rotary,
    FeedForward = FeedForwardKind.SwiGlu)]
[Bytes]
[Training(BatchSize = 1)]
public sealed partial class ExportLlama;

/// <summary>Llama with a tied head and normalised queries and keys, without biases: Qwen3.</summary>
[VariantOf<ExportLlama>]
[Transformer(QueryKeyNorm = true, Biases = false)]
[OutputHead(HeadKind.Tied)]
public sealed partial class ExportQwen3;

/// <summary>What no loader computes: capped logits.</summary>
[VariantOf<ExportGpt2>]
[Transformer(LogitSoftCap = 30)]
public sealed partial class ExportCapped;
