using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Parsing;

public sealed class DefaultsTests
{
    [Fact]
    public void A_bare_transformer_has_the_defaults_of_the_attributes()
    {
        ModelSpec spec = GeneratorHarness.Parse("[Transformer] public sealed partial class Plain;")["Plain"];

        Assert.Equal(new TypeSpec("", "Plain", "public sealed"), spec.Type);
        Assert.Equal(
            new ArchitectureSpec(
                Layers: 4, Width: 128, Heads: 4, KeyValueHeads: 4, Context: 128, FeedForwardWidth: 512, NormKind.LayerNorm,
                PositionKind.Learned, FeedForwardKind.Gelu, Biases: true, QueryKeyNorm: false, LogitSoftCap: 0, EmbeddingNorm: false,
                EmbeddingKind.Table, SpellingPositions: 16, HeadKind.Untied),
            spec.Architecture);
        Assert.Equal(new TokenizerSpec(TokenizerKind.Bytes, 256, PreTokenization.None), spec.Tokenizer);
        Assert.Equal(
            new TrainingSpec(
                BatchSize: 16, AccumulationSteps: 1, ClipNorm: 1, ScheduleKind.Cosine, WarmupFraction: 0.05, DecayFraction: 0.2,
                FinalFraction: 0.1,
                EquatableArray.Of(
                    new GroupSpec(ParameterGroup.InputEmbedding, 1e-3, 0.9, 0.95, 1e-8, 0.1),
                    new GroupSpec(ParameterGroup.OutputHead, 1e-3, 0.9, 0.95, 1e-8, 0.1),
                    new GroupSpec(ParameterGroup.Body, 1e-3, 0.9, 0.95, 1e-8, 0.1))),
            spec.Training);
    }

    [Fact]
    public void Every_property_of_every_attribute_reaches_the_spec()
    {
        ModelSpec spec = GeneratorHarness.Parse("""
            namespace My.Models;

            [Transformer(Layers = 2, Width = 48, Heads = 6, KeyValueHeads = 2, Context = 33, Norm = NormKind.RmsNorm,
                Positions = PositionKind.Rotary, FeedForward = FeedForwardKind.SquaredRelu, FeedForwardWidth = 100, Biases = false,
                QueryKeyNorm = true, LogitSoftCap = 15, EmbeddingNorm = true)]
            [InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 8)]
            [OutputHead(HeadKind.Untied)]
            [ByteLevelBpe(VocabularySize = 4096, PreTokenization = PreTokenization.Gpt2)]
            [Training(BatchSize = 3, AccumulationSteps = 5, ClipNorm = 0.25, Recompute = true)]
            [LearningRateSchedule(ScheduleKind.WarmupStableDecay, WarmupFraction = 0.01, DecayFraction = 0.3, FinalFraction = 0)]
            [AdamW(LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-6, WeightDecay = 0)]
            partial class Everything;
            """)["My.Models.Everything"];

        Assert.Equal(new TypeSpec("My.Models", "Everything", "internal"), spec.Type);
        Assert.Equal(
            new ArchitectureSpec(
                2, 48, 6, 2, 33, 100, NormKind.RmsNorm, PositionKind.Rotary, FeedForwardKind.SquaredRelu, false, true, 15, true,
                EmbeddingKind.Composed, 8, HeadKind.Untied),
            spec.Architecture);
        Assert.Equal(new TokenizerSpec(TokenizerKind.ByteLevelBpe, 4096, PreTokenization.Gpt2), spec.Tokenizer);
        Assert.Equal(
            new TrainingSpec(
                3, 5, 0.25, ScheduleKind.WarmupStableDecay, 0.01, 0.3, 0,
                EquatableArray.Of(
                    new GroupSpec(ParameterGroup.InputEmbedding, 0.02, 0.8, 0.99, 1e-6, 0),
                    new GroupSpec(ParameterGroup.OutputHead, 0.02, 0.8, 0.99, 1e-6, 0),
                    new GroupSpec(ParameterGroup.Body, 0.02, 0.8, 0.99, 1e-6, 0)))
            {
                Recompute = true,
            },
            spec.Training);
    }

    [Theory]
    [InlineData(128, "Gelu", 512)]
    [InlineData(128, "SquaredRelu", 512)]
    [InlineData(128, "SwiGlu", 352)]
    [InlineData(96, "SwiGlu", 256)]
    [InlineData(6, "SwiGlu", 16)]
    [InlineData(7, "SwiGlu", 32)]
    [InlineData(65_536, "SwiGlu", 174_768)]
    [InlineData(65_536, "Gelu", 262_144)]
    public void The_default_feed_forward_width_keeps_the_number_of_parameters(int width, string kind, int expected)
    {
        ModelSpec spec = GeneratorHarness.Parse(
            $"[Transformer(Width = {width}, Heads = 1, FeedForward = FeedForwardKind.{kind})] partial class Model;")["Model"];

        Assert.Equal(expected, spec.Architecture.FeedForwardWidth);
    }

    [Fact]
    public void Key_value_heads_that_are_not_said_follow_the_heads()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer(Heads = 8)] partial class Many;
            [VariantOf<Many>, Transformer(Heads = 2)] partial class Few;
            """);

        Assert.Equal(8, specs["Many"].Architecture.KeyValueHeads);
        Assert.Equal(2, specs["Few"].Architecture.KeyValueHeads);
    }
}
