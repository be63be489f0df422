namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class HeadDiagnosticsTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("8")]
    public void Further_targets_must_lie_in_the_sequence(string count) => Expect.Diagnostic(
        "EMB0151", $"cannot have {count} further targets; give a number from 1 to 7, which Context 8 allows",
        $"[Transformer(Context = 8), FutureTargets(«{count}»)] partial class Model;");

    [Fact]
    public void A_variant_whose_context_is_too_short_for_further_targets_is_underlined_there() => Expect.Diagnostic(
        "EMB0151", "give a number from 1 to 2",
        "[Transformer(Context = 8), FutureTargets(3)] partial class Baseline;",
        "[VariantOf<Baseline>, Transformer(«Context = 3»)] partial class Model;");

    [Theory]
    [InlineData("0")]
    [InlineData("-0.5")]
    public void The_weight_of_further_targets_must_be_positive(string weight) => Expect.Diagnostic(
        "EMB0152", $"Weight is {weight}", $"[Transformer, FutureTargets(2, «Weight = {weight}»)] partial class Model;");

    [Theory]
    [InlineData("0")]
    [InlineData("1.5")]
    public void The_falloff_of_further_targets_must_be_in_range(string falloff) => Expect.Diagnostic(
        "EMB0153", $"Falloff is {falloff}", $"[Transformer, FutureTargets(2, «Falloff = {falloff}»)] partial class Model;");

    [Fact]
    public void An_undefined_kind_of_further_targets_is_refused() => Expect.Diagnostic(
        "EMB0025", "Kind = 9", "[Transformer, FutureTargets(2, «Kind = (FutureHeadKind)9»)] partial class Model;");

    [Fact]
    public void Permuted_targets_have_none_further_ahead() => Expect.Diagnostic(
        "EMB0154", "moves single targets between sequences",
        "[Transformer, FutureTargets(«2»), GradientRoutes(Table = TableGradient.CrossPositionPermuted)] partial class Model;");

    [Theory]
    [InlineData("«DecoderWidth = 1»", "DecoderWidth")]
    [InlineData("«DecoderPositions = 65»", "DecoderPositions")]
    [InlineData("«DecoderPositions = 0»", "DecoderPositions")]
    public void The_decoder_of_bytes_must_have_a_size(string argument, string named) =>
        Expect.Diagnostic("EMB0101", named, $"[Transformer, OutputHead(HeadKind.Bytes, {argument})] partial class Model;");

    [Fact]
    public void Another_head_has_no_decoder() => Expect.Diagnostic(
        "EMB0117", "DecoderWidth has no effect because a Tied head has no decoder; use Bytes",
        "[Transformer, OutputHead(HeadKind.Tied, «DecoderWidth = 8»)] partial class Model;");

    [Fact]
    public void A_head_of_bytes_has_no_logits_to_keep() => Expect.Diagnostic(
        "EMB0156", "computes no logits that a pass could keep",
        "[Transformer, OutputHead(HeadKind.Bytes), Capture(«CapturePoints.States | CapturePoints.Logits»)] partial class Model;");

    [Fact]
    public void A_head_of_bytes_is_accepted() => Expect.None(
        "[Transformer(LogitSoftCap = 8), OutputHead(HeadKind.Bytes, DecoderWidth = 2, DecoderPositions = 64), FutureTargets(1)] partial class Model;");

    [Fact]
    public void Valid_further_targets_are_accepted() => Expect.None(
        "[Transformer(Context = 8), FutureTargets(7, Kind = FutureHeadKind.FeedForward, Weight = 1, Falloff = 0.5)] partial class Model;");
}
