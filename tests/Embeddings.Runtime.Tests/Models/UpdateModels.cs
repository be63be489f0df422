namespace Embeddings.Runtime.Tests.Models;

// Models that update each layer inside the backward of a step, and models that declare something which forbids it.

[Transformer(Layers = 3, Width = 24, Heads = 2, Context = 12)]
[ByteLevelBpe(VocabularySize = 262)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 3, ClipNorm = 0)]
[AdamW(LearningRate = 1e-2)]
public sealed partial class UpdatesTied;

[VariantOf<UpdatesTied>]
[OutputHead(HeadKind.Untied)]
[Capture(CapturePoints.EmbeddingGradient)]
public sealed partial class UpdatesUntied;

[VariantOf<UpdatesUntied>]
[Transformer(Norm = NormKind.RmsNorm, FeedForward = FeedForwardKind.SwiGlu, Positions = PositionKind.Rotary, Biases = false, QueryKeyNorm = true, InputSkip = true)]
public sealed partial class UpdatesLlama;

[VariantOf<UpdatesUntied>]
[InputEmbedding(EmbeddingKind.LowRank, Rank = 4)]
public sealed partial class UpdatesLowRank;

[VariantOf<UpdatesTied>]
[Training(ClipNorm = 1)]
public sealed partial class WholeClipped;

[VariantOf<UpdatesTied>]
[Training(AccumulationSteps = 2)]
public sealed partial class WholeAccumulated;

[VariantOf<UpdatesTied>]
[Muon(ParameterGroup.Body)]
public sealed partial class WholeMuon;
