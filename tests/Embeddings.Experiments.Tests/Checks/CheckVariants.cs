namespace Embeddings.Experiments.Tests.Checks;

/// <summary>A model whose checks pass.</summary>
[Transformer(Layers = 1, Width = 16, Heads = 2, Context = 8)]
[Bytes]
[Training(BatchSize = 2)]
public sealed partial class CheckWhole;

/// <summary>Every vocabulary that a model can have beside that of its targets, and targets further ahead.</summary>
[VariantOf<CheckWhole>]
[SecondInputTable(300)]
[SuffixRows(280)]
[FutureTargets(1)]
public sealed partial class CheckVocabularies;

[VariantOf<CheckWhole>]
[InputEmbedding(EmbeddingKind.Composed, VocabularySize = 300)]
public sealed partial class CheckInputs;

/// <summary>The same parameters with another gradient.</summary>
[VariantOf<CheckWhole>]
[GradientRoutes(StopKeys = true)]
public sealed partial class CheckCut;
