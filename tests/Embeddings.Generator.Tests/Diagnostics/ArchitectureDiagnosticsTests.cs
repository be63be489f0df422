namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class ArchitectureDiagnosticsTests
{
    [Theory]
    [InlineData("[Transformer(«Layers = 0»)]", "Layers is 0; give a number from 1 to 1024")]
    [InlineData("[Transformer(«Layers = 1025»)]", "Layers is 1025")]
    [InlineData("[Transformer(«Width = 0»)]", "Width is 0; give a number from 2 to 65536")]
    [InlineData("[Transformer(Heads = 1, «Width = 1»)]", "Width is 1; give a number from 2 to 65536")]
    [InlineData("[Transformer(«Width = 65540»)]", "Width is 65540")]
    [InlineData("[Transformer(«Heads = -4»)]", "Heads is -4; give a number from 1 to 65536")]
    [InlineData("[Transformer(«Heads = 131072»)]", "Heads is 131072")]
    [InlineData("[Transformer(«Context = 0»)]", "Context is 0; give a number from 1 to 1048576")]
    [InlineData("[Transformer(«Context = 1048577»)]", "Context is 1048577")]
    [InlineData("[Transformer, Training(«BatchSize = 0»)]", "BatchSize is 0; give a number from 1 to 65536")]
    [InlineData("[Transformer, Training(«BatchSize = 65537»)]", "BatchSize is 65537")]
    [InlineData("[Transformer, Training(«AccumulationSteps = 0»)]", "AccumulationSteps is 0; give a number from 1 to 65536")]
    [InlineData("[Transformer, Training(«AccumulationSteps = 65537»)]", "AccumulationSteps is 65537")]
    public void Sizes_must_be_in_range(string attributes, string message) =>
        Expect.Diagnostic("EMB0101", message, attributes + " partial class Model;");

    [Theory]
    [InlineData("[Transformer(Heads = 3, «Width = 100»)]", "Width 100 is not a multiple of Heads 3; use a width of 99 or 102")]
    [InlineData("[Transformer(«Heads = 5»)]", "Width 128 is not a multiple of Heads 5; use a width of 125 or 130")]
    [InlineData("[Transformer(Heads = 8, «Width = 4»)]", "use a width of 8 or another number of heads")]
    public void The_width_must_be_a_multiple_of_the_heads(string attributes, string message) =>
        Expect.Diagnostic("EMB0102", message, attributes + " partial class Model;");

    [Theory]
    [InlineData("[Transformer(Heads = 4, «KeyValueHeads = 3»)]", "KeyValueHeads 3 does not divide Heads 4; use 0 (as many as heads) or one of 1, 2, 4")]
    [InlineData("[Transformer(«KeyValueHeads = 8»)]", "KeyValueHeads 8 does not divide Heads 4")]
    [InlineData("[Transformer(«KeyValueHeads = -2»)]", "KeyValueHeads -2 does not divide Heads 4")]
    public void Key_value_heads_must_divide_the_heads(string attributes, string message) =>
        Expect.Diagnostic("EMB0103", message, attributes + " partial class Model;");

    [Theory]
    [InlineData("[Transformer(Width = 12, «Positions = PositionKind.Rotary»)]", "head width 12 / 4 = 3 is odd")]
    public void Rotary_positions_need_an_even_head_width(string attributes, string message) =>
        Expect.Diagnostic("EMB0104", message, attributes + " partial class Model;");

    [Fact]
    public void A_norm_of_queries_and_keys_needs_two_channels() =>
        Expect.Diagnostic(
            "EMB0130", "the head width 8 / 8 is 1", "[Transformer(Width = 8, Heads = 8, «QueryKeyNorm = true»)] partial class Model;");

    [Fact]
    public void A_variant_is_underlined_where_it_makes_an_inherited_combination_invalid()
    {
        const string Baseline = "[Transformer(Positions = PositionKind.Rotary)] partial class Baseline;";
        Expect.Diagnostic("EMB0104", "128 / 128 = 1", Baseline, "[VariantOf<Baseline>, Transformer(«Heads = 128»)] partial class Model;");
        Expect.Diagnostic("EMB0104", "12 / 4 = 3", Baseline, "[VariantOf<Baseline>, Transformer(«Width = 12»)] partial class Model;");
        Expect.Diagnostic("EMB0102", "Heads 5", Baseline, "[VariantOf<Baseline>, Transformer(«Heads = 5»)] partial class Model;");
    }

    [Theory]
    [InlineData("[Transformer(«FeedForwardWidth = -1»)]", "FeedForwardWidth is -1; give a number from 2 to 1048576, or 0")]
    [InlineData("[Transformer(«FeedForwardWidth = 1»)]", "FeedForwardWidth is 1; give a number from 2")]
    [InlineData("[Transformer(«FeedForwardWidth = 1048577»)]", "FeedForwardWidth is 1048577")]
    public void The_feed_forward_width_must_be_in_range(string attributes, string message) =>
        Expect.Diagnostic("EMB0105", message, attributes + " partial class Model;");

    [Fact]
    public void The_soft_cap_must_not_be_negative() =>
        Expect.Diagnostic("EMB0106", "LogitSoftCap is -0.5", "[Transformer(«LogitSoftCap = -0.5»)] partial class Model;");

    [Theory]
    [InlineData("«VocabularySize = 255»", "VocabularySize is 255; give a number from 256 (the bytes alone) to 262144")]
    [InlineData("«VocabularySize = 262145»", "VocabularySize is 262145")]
    public void The_vocabulary_size_must_be_in_range(string argument, string message) =>
        Expect.Diagnostic("EMB0107", message, $"[Transformer, ByteLevelBpe({argument})] partial class Model;");

    [Theory]
    [InlineData("FrozenRandom")]
    [InlineData("ByteSum")]
    [InlineData("Composed")]
    [InlineData("ComposedPermuted")]
    public void A_tied_head_needs_a_learned_table(string kind) =>
        Expect.Diagnostic(
            "EMB0108", $"{kind} embeddings have no learned table",
            $"[Transformer, InputEmbedding(EmbeddingKind.{kind}), OutputHead(«HeadKind.Tied»)] partial class Model;");

    [Fact]
    public void A_variant_that_takes_the_table_from_a_tied_head_is_underlined_there() =>
        Expect.Diagnostic(
            "EMB0108", "Composed embeddings have no learned table",
            "[Transformer, OutputHead(HeadKind.Tied)] partial class Baseline;",
            "[VariantOf<Baseline>, InputEmbedding(«EmbeddingKind.Composed»)] partial class Model;");

    [Theory]
    [InlineData("«SpellingPositions = 0»", "SpellingPositions is 0; give a number from 1 to 64")]
    [InlineData("«SpellingPositions = 65»", "SpellingPositions is 65")]
    public void Spelling_positions_must_be_in_range(string argument, string message) =>
        Expect.Diagnostic("EMB0109", message, $"[Transformer, InputEmbedding(EmbeddingKind.Composed, {argument})] partial class Model;");

    [Theory]
    [InlineData("Table")]
    [InlineData("FrozenRandom")]
    [InlineData("ByteSum")]
    public void Spelling_positions_without_effect_are_warned_of(string kind) =>
        Expect.Diagnostic(
            "EMB0110", $"SpellingPositions has no effect on {kind} embeddings",
            $"[Transformer, InputEmbedding(EmbeddingKind.{kind}, «SpellingPositions = 8»)] partial class Model;");

    [Fact]
    public void Inherited_spelling_positions_without_effect_are_not() =>
        Expect.None(
            "[Transformer, InputEmbedding(EmbeddingKind.Composed, SpellingPositions = 8)] partial class Baseline;",
            "[VariantOf<Baseline>, InputEmbedding(EmbeddingKind.Table)] partial class Model;");
}
