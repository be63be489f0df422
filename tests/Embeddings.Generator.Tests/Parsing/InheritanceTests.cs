using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Parsing;

public sealed class InheritanceTests
{
    [Fact]
    public void A_variant_inherits_every_property_that_it_does_not_say()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer(Layers = 2, Width = 64, Positions = PositionKind.Rotary, QueryKeyNorm = true)]
            [InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 8)]
            [ByteLevelBpe(VocabularySize = 512)]
            [Training(BatchSize = 2, ClipNorm = 0)]
            [LearningRateSchedule(ScheduleKind.Constant, WarmupFraction = 0)]
            [AdamW(LearningRate = 0.5)]
            public sealed partial class Baseline;

            [VariantOf<Baseline>]
            partial class Same;
            """);

        Assert.Equal(specs["Baseline"] with { Type = new TypeSpec("", "Same", "internal") }, specs["Same"]);
    }

    [Fact]
    public void A_variant_overrides_single_properties_by_name_and_by_constructor()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer(Layers = 2, Width = 64)]
            [InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 8)]
            [Training(BatchSize = 2, AccumulationSteps = 3)]
            [LearningRateSchedule(ScheduleKind.WarmupStableDecay, WarmupFraction = 0.01, DecayFraction = 0.5)]
            partial class Baseline;

            [VariantOf<Baseline>]
            [Transformer(Layers = 3)]
            [InputEmbedding(kind: EmbeddingKind.ComposedPermuted)]
            [Training(AccumulationSteps = 1)]
            [LearningRateSchedule(ScheduleKind.Cosine)]
            partial class Other;
            """);

        ModelSpec baseline = specs["Baseline"];
        Assert.Equal(
            baseline with
            {
                Type = specs["Other"].Type,
                Architecture = baseline.Architecture with { Layers = 3, InputEmbedding = EmbeddingKind.ComposedPermuted },
                Training = baseline.Training with { AccumulationSteps = 1, Schedule = ScheduleKind.Cosine },
            },
            specs["Other"]);
    }

    [Fact]
    public void A_property_said_again_with_the_default_value_overrides_the_base()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer(Layers = 9, Biases = false)] partial class Baseline;
            [VariantOf<Baseline>, Transformer(Layers = 4, Biases = true)] partial class Back;
            """);

        Assert.Equal(4, specs["Back"].Architecture.Layers);
        Assert.True(specs["Back"].Architecture.Biases);
    }

    [Fact]
    public void A_chain_takes_each_property_from_the_nearest_class_that_says_it()
    {
        var specs = GeneratorHarness.Parse(
            "[Transformer(Layers = 1, Width = 64, Context = 32)] partial class A;",
            "[VariantOf<C>, Transformer(Context = 16)] partial class D;",
            "[VariantOf<A>, Transformer(Layers = 2)] partial class B;",
            "[VariantOf<B>, Transformer(Width = 32)] partial class C;");

        ArchitectureSpec last = specs["D"].Architecture;
        Assert.Equal((2, 32, 16), (last.Layers, last.Width, last.Context));
    }

    [Fact]
    public void Attributes_may_be_spread_over_the_parts_of_a_class()
    {
        var specs = GeneratorHarness.Parse(
            "[Transformer(Layers = 1)] public sealed partial class Model;",
            "[ByteLevelBpe(VocabularySize = 300)] partial class Model { public const int Answer = 42; }",
            "[AdamW(LearningRate = 0.5)] partial class Model;");

        ModelSpec spec = Assert.Single(specs).Value;
        Assert.Equal(300, spec.Tokenizer.VocabularySize);
        Assert.Equal(0.5, spec.Training.Group(ParameterGroup.Body).LearningRate);
        Assert.Equal("public sealed", spec.Type.Modifiers);
    }

    [Fact]
    public void Values_may_be_constant_expressions_and_names_aliases()
    {
        ModelSpec spec = GeneratorHarness.Parse("""
            using Network = Embeddings.TransformerAttribute;

            static class Sizes { public const int Head = 16; }

            [Network(Heads = 2 * 3, Width = 6 * Sizes.Head, LogitSoftCap = 1 / 4.0)] partial class Model;
            """)["Model"];

        Assert.Equal((6, 96, 0.25), (spec.Architecture.Heads, spec.Architecture.Width, spec.Architecture.LogitSoftCap));
    }

    [Fact]
    public void The_base_of_a_variant_may_stand_in_a_referenced_assembly()
    {
        var library = GeneratorHarness.Compile("[Transformer(Layers = 7)] public sealed partial class FromLibrary;");
        var project = GeneratorHarness.Compile("[VariantOf<FromLibrary>, Transformer(Width = 64)] partial class Mine;")
            .WithAssemblyName("Consumer")
            .AddReferences(library.ToMetadataReference());
        var backEnd = new RecordingBackEnd();

        GeneratorRun run = GeneratorRun.Of(GeneratorHarness.CreateDriver(backEnd.Compile), project);

        Assert.Empty(run.Diagnostics);
        ArchitectureSpec spec = Assert.Single(backEnd.Compiled).Architecture;
        Assert.Equal((7, 64), (spec.Layers, spec.Width));
    }

    [Fact]
    public void An_attribute_of_the_same_name_in_another_namespace_declares_nothing()
    {
        var specs = GeneratorHarness.Parse("""
            [Mine.Transformer] partial class NotAModel;

            namespace Mine
            {
                sealed class TransformerAttribute : Attribute;
                sealed class AdamWAttribute : Attribute { public double LearningRate { get; set; } }

                [Embeddings.Transformer, AdamW(LearningRate = 7)] partial class Model;
            }
            """);

        Assert.Equal(["Mine.Model"], specs.Keys);
        Assert.Equal(1e-3, specs["Mine.Model"].Training.Group(ParameterGroup.Body).LearningRate);
    }
}
