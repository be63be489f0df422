using Embeddings.Experiments.Variants;

namespace Embeddings.Benchmarks.Sweeps;

// BenchSmall with one size changed, always 2,048 tokens a step. The program does not list them.

[VariantOf<BenchSmall>]
[Transformer(Context = 64)]
[Training(BatchSize = 32)]
public sealed partial class Context64;

[VariantOf<BenchSmall>]
[Transformer(Context = 128)]
[Training(BatchSize = 16)]
public sealed partial class Context128;

[VariantOf<BenchSmall>]
[Transformer(Context = 512)]
[Training(BatchSize = 4)]
public sealed partial class Context512;

[VariantOf<BenchSmall>]
[Transformer(Context = 1024)]
[Training(BatchSize = 2)]
public sealed partial class Context1024;

[VariantOf<BenchSmall>]
[Transformer(Width = 128, Heads = 2)]
public sealed partial class Width128;

[VariantOf<BenchSmall>]
[Transformer(Width = 256, Heads = 4)]
public sealed partial class Width256;

[VariantOf<BenchSmall>]
[Transformer(Width = 768, Heads = 12)]
public sealed partial class Width768;

[VariantOf<BenchSmall>]
[ByteLevelBpe(VocabularySize = 512)]
public sealed partial class Vocabulary512;

[VariantOf<BenchSmall>]
[ByteLevelBpe(VocabularySize = 16384)]
public sealed partial class Vocabulary16384;

[VariantOf<BenchSmall>]
[ByteLevelBpe(VocabularySize = 65536)]
public sealed partial class Vocabulary65536;

[VariantOf<BenchSmall>]
[Transformer(Layers = 2)]
public sealed partial class Layers2;

[VariantOf<BenchSmall>]
[Transformer(Layers = 12)]
public sealed partial class Layers12;
