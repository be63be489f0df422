using CsCheck;

namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class ValidDeclarationTests
{
    [Fact]
    public void The_declarations_of_the_design_have_no_diagnostics() =>
        Expect.None("""
            namespace Embeddings.Experiments;

            [Transformer(Layers = 4, Width = 128, Heads = 4, Context = 128)]
            [ByteLevelBpe(VocabularySize = 1024)]
            [AdamW(LearningRate = 1e-3)]
            public sealed partial class Baseline;

            [VariantOf<Baseline>]
            [ByteLevelBpe(VocabularySize = 4096)]
            public sealed partial class Vocabulary4096;

            [VariantOf<Vocabulary4096>]
            [InputEmbedding(EmbeddingKind.Composed)]
            public sealed partial class Vocabulary4096Composed;
            """);

    [Fact]
    public void Values_at_the_ends_of_their_ranges_have_no_diagnostics() =>
        Expect.None("""
            [Transformer(Layers = 1, Width = 2, Heads = 2, KeyValueHeads = 1, Context = 1, FeedForwardWidth = 2, LogitSoftCap = 0)]
            [InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 1)]
            [ByteLevelBpe(VocabularySize = 256)]
            [Training(BatchSize = 1, AccumulationSteps = 1, ClipNorm = 0)]
            [LearningRateSchedule(ScheduleKind.Cosine, WarmupFraction = 0, FinalFraction = 0)]
            [AdamW(Beta1 = 0, Beta2 = 0, Epsilon = double.Epsilon, WeightDecay = 0, LearningRate = double.Epsilon)]
            partial class Smallest;

            [Transformer(Layers = 1024, Width = 65536, Heads = 65536, KeyValueHeads = 65536, Context = 1048576, FeedForwardWidth = 1048576)]
            [InputEmbedding(EmbeddingKind.ComposedPermuted, SpellingPositions = 64)]
            [ByteLevelBpe(VocabularySize = 262144)]
            [Training(BatchSize = 16, AccumulationSteps = 65536)]
            [LearningRateSchedule(ScheduleKind.Cosine, WarmupFraction = 0.999, FinalFraction = 1)]
            partial class Largest;
            """);

    [Fact]
    public void Every_combination_of_kinds_has_no_diagnostics_unless_the_head_is_tied_to_no_table()
    {
        var combination = Gen.Select(
            Gen.Enum<NormKind>(), Gen.Enum<PositionKind>(), Gen.Enum<FeedForwardKind>(), Gen.Enum<EmbeddingKind>(), Gen.Enum<HeadKind>(),
            Gen.Enum<ScheduleKind>(), Gen.Bool, Gen.Bool);

        combination.Where(kinds => kinds.Item5 == HeadKind.Untied || kinds.Item4 == EmbeddingKind.Table).Sample(
            kinds => Expect.None($"""
                [Transformer(Norm = NormKind.{kinds.Item1}, Positions = PositionKind.{kinds.Item2},
                    FeedForward = FeedForwardKind.{kinds.Item3}, Biases = {Text(kinds.Item7)}, QueryKeyNorm = {Text(kinds.Item8)})]
                [InputEmbedding(EmbeddingKind.{kinds.Item4}), OutputHead(HeadKind.{kinds.Item5})]
                [LearningRateSchedule(ScheduleKind.{kinds.Item6})]
                partial class Model;
                """),
            iter: 50);
    }

    private static string Text(bool value) => value ? "true" : "false";
}
