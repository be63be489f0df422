namespace Embeddings.Experiments.Tests.Checks;

/// <summary>A model whose checks pass.</summary>
[Transformer(Layers = 1, Width = 16, Heads = 2, Context = 8)]
[Bytes]
[Training(BatchSize = 2)]
public sealed partial class CheckWhole;

/// <summary>The same parameters with another gradient.</summary>
[VariantOf<CheckWhole>]
[GradientRoutes(StopKeys = true)]
public sealed partial class CheckCut;
