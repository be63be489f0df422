namespace Embeddings.Experiments.Variants;

// GPT-2 shaped models (learned positions, LayerNorm, GELU, biases, tied head) on which the training step is timed against other trainers.
// Like these, they do not clip, so that a step may update each layer inside its backward.

/// <summary>Four narrow blocks: the size where overhead shows.</summary>
[Transformer(Layers = 4, Width = 128, Heads = 4, Context = 128)]
[ByteLevelBpe(VocabularySize = 1024)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 16, ClipNorm = 0)]
public sealed partial class BenchTiny;

/// <summary>Six blocks of width 384.</summary>
[Transformer(Layers = 6, Width = 384, Heads = 6, Context = 256)]
[ByteLevelBpe(VocabularySize = 4096)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 8, ClipNorm = 0)]
public sealed partial class BenchSmall;

/// <summary><see cref="BenchSmall"/> on bytes: next to no head.</summary>
[VariantOf<BenchSmall>]
[Bytes]
public sealed partial class BenchSmallBytes;

/// <summary><see cref="BenchSmall"/> with a head that outweighs the body.</summary>
[VariantOf<BenchSmall>]
[ByteLevelBpe(VocabularySize = 32768)]
public sealed partial class BenchSmallWide;

/// <summary><see cref="BenchSmall"/> with the largest vocabulary of the literature: the logits of a pass would take 2 GiB.</summary>
[VariantOf<BenchSmall>]
[ByteLevelBpe(VocabularySize = 262144)]
public sealed partial class BenchSmallHuge;

/// <summary>GPT-2 124M on short sequences.</summary>
[Transformer(Layers = 12, Width = 768, Heads = 12, Context = 64)]
[ByteLevelBpe(VocabularySize = 50257)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 4, ClipNorm = 0)]
public sealed partial class Gpt2Small;

/// <summary>GPT-2 124M at its own context.</summary>
[VariantOf<Gpt2Small>]
[Transformer(Context = 1024)]
[Training(BatchSize = 1)]
public sealed partial class Gpt2SmallLong;

/// <summary><see cref="Gpt2SmallLong"/> with half as many heads of twice the width, which suits a GPU's matrix units better.</summary>
[VariantOf<Gpt2SmallLong>]
[Transformer(Heads = 6)]
public sealed partial class Gpt2SmallWideHeads;
