namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class BlockDiagnosticsTests
{
    [Theory]
    [InlineData("«0»", "The window of 0 positions does not fit Context 64; give a number from 1 to 64")]
    [InlineData("«65»", "The window of 65 positions")]
    public void A_window_must_fit_the_context(string argument, string message) =>
        Expect.Diagnostic("EMB0111", message, $"[Transformer(Context = 64), SlidingWindow({argument})] partial class Model;");

    [Fact]
    public void A_variant_whose_context_is_shorter_than_the_window_is_underlined_there() =>
        Expect.Diagnostic(
            "EMB0111", "The window of 32 positions does not fit Context 16",
            "[Transformer(Context = 64), SlidingWindow(32)] partial class Baseline;",
            "[VariantOf<Baseline>, Transformer(«Context = 16»)] partial class Model;");

    [Theory]
    [InlineData("")]
    [InlineData("GG")]
    [InlineData("LX")]
    public void A_pattern_is_made_of_its_letters(string pattern) =>
        Expect.Diagnostic("EMB0112", $"Pattern \"{pattern}\"", $"[Transformer, SlidingWindow(8, «Pattern = \"{pattern}\"»)] partial class Model;");

    [Theory]
    [InlineData("«FeedForwardRatio = -1»")]
    [InlineData("«FeedForwardRatio = 1e6»")]
    public void The_feed_forward_ratio_must_be_in_range(string argument) =>
        Expect.Diagnostic("EMB0113", "FeedForwardRatio is", $"[Transformer({argument})] partial class Model;");

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"NN\"")]
    [InlineData("\"NNV\"")]
    [InlineData("\"VX\"")]
    [InlineData("null")]
    public void A_pattern_of_value_embeddings_gives_some_layer_a_table(string pattern) =>
        Expect.Diagnostic("EMB0150", "give one of the 2 layers a V", $"[Transformer(Layers = 2), ValueEmbeddings(«{pattern}»)] partial class Model;");

    [Fact]
    public void The_feed_forward_width_must_be_said_once() =>
        Expect.Diagnostic(
            "EMB0114", "FeedForwardWidth 64 and FeedForwardRatio 2",
            "[Transformer(FeedForwardWidth = 64, «FeedForwardRatio = 2»)] partial class Model;");

    [Fact]
    public void The_residual_scale_must_be_positive() =>
        Expect.Diagnostic("EMB0115", "ResidualScale is 0", "[Transformer(«ResidualScale = 0»)] partial class Model;");

    [Fact]
    public void A_window_without_forward_mixing_has_no_effect() =>
        Expect.Diagnostic(
            "EMB0307", "SlidingWindow has no effect",
            "[Transformer, SlidingWindow(«8»), GradientRoutes(ForwardMixing = false)] partial class Model;");

    [Fact]
    public void Capture_points_must_be_defined() =>
        Expect.Diagnostic("EMB0308", "Points = 9 has bits", "[Transformer, Capture(«(CapturePoints)9»)] partial class Model;");

    [Fact]
    public void An_undefined_initialization_is_refused() =>
        Expect.Diagnostic("EMB0025", "Initialization = 9", "[Transformer(«Initialization = (InitializationScheme)9»)] partial class Model;");

    [Fact]
    public void Valid_options_are_accepted() => Expect.None(
        """
        [Transformer(Positions = PositionKind.Alibi, FeedForwardRatio = 2.5, InputSkip = true, ResidualScale = 0.5,
            Initialization = InitializationScheme.ZeroOutput)]
        [ValueEmbeddings("VN")]
        [SlidingWindow(8, Pattern = "LLG")]
        [Capture(CapturePoints.States | CapturePoints.Logits | CapturePoints.EmbeddingGradient)]
        partial class Model;
        """);
}
