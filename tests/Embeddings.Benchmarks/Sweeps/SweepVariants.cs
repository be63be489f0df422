namespace Embeddings.Benchmarks.Sweeps;

// BenchSmall with one size changed, always 2,048 tokens a step. The program does not list them.

[Transformer(Layers = 6, Width = 384, Heads = 6, Context = 256)]
[ByteLevelBpe(VocabularySize = 4096)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 8, ClipNorm = 0)]
public sealed partial class Middle;

[VariantOf<Middle>]
[Transformer(Context = 64)]
[Training(BatchSize = 32)]
public sealed partial class Context64;

[VariantOf<Middle>]
[Transformer(Context = 128)]
[Training(BatchSize = 16)]
public sealed partial class Context128;

[VariantOf<Middle>]
[Transformer(Context = 512)]
[Training(BatchSize = 4)]
public sealed partial class Context512;

[VariantOf<Middle>]
[Transformer(Context = 1024)]
[Training(BatchSize = 2)]
public sealed partial class Context1024;

[VariantOf<Middle>]
[Transformer(Width = 128, Heads = 2)]
public sealed partial class Width128;

[VariantOf<Middle>]
[Transformer(Width = 256, Heads = 4)]
public sealed partial class Width256;

[VariantOf<Middle>]
[Transformer(Width = 768, Heads = 12)]
public sealed partial class Width768;

[VariantOf<Middle>]
[ByteLevelBpe(VocabularySize = 512)]
public sealed partial class Vocabulary512;

[VariantOf<Middle>]
[ByteLevelBpe(VocabularySize = 16384)]
public sealed partial class Vocabulary16384;

[VariantOf<Middle>]
[ByteLevelBpe(VocabularySize = 65536)]
public sealed partial class Vocabulary65536;

[VariantOf<Middle>]
[Transformer(Layers = 2)]
public sealed partial class Layers2;

[VariantOf<Middle>]
[Transformer(Layers = 12)]
public sealed partial class Layers12;
