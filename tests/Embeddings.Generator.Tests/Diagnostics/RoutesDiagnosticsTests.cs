namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class RoutesDiagnosticsTests
{
    [Theory]
    [InlineData("«Table = TableGradient.OwnPosition»", "Table routes the gradient of the input rows, but the tied head")]
    [InlineData("«Table = TableGradient.None»", "use HeadKind.Untied")]
    [InlineData("«TableStopsAfter = 5»", "TableStopsAfter routes the gradient")]
    public void A_route_needs_rows_that_the_head_does_not_train(string argument, string message) =>
        Expect.Diagnostic("EMB0301", message, $"[Transformer, OutputHead(HeadKind.Tied), GradientRoutes({argument})] partial class Model;");

    [Fact]
    public void A_variant_that_ties_the_head_of_a_routed_table_is_underlined_there() =>
        Expect.Diagnostic(
            "EMB0301", "use HeadKind.Untied",
            "[Transformer, GradientRoutes(Table = TableGradient.CrossPosition)] partial class Baseline;",
            "[VariantOf<Baseline>, OutputHead(«HeadKind.Tied»)] partial class Model;");

    [Theory]
    [InlineData("«Table = TableGradient.CrossPosition»")]
    [InlineData("«TableStopsAfter = 1»")]
    public void A_route_needs_learned_rows(string argument) =>
        Expect.Diagnostic(
            "EMB0302", "FrozenRandom rows are never trained",
            $"[Transformer, InputEmbedding(EmbeddingKind.FrozenRandom), GradientRoutes({argument})] partial class Model;");

    [Theory]
    [InlineData("«Distance = -1»", "Distance is -1; give a number from 0 (own position) to 63")]
    [InlineData("«Distance = 64»", "Distance is 64")]
    public void The_distance_must_lie_inside_the_context(string argument, string message) =>
        Expect.Diagnostic(
            "EMB0303", message, $"[Transformer(Context = 64), GradientRoutes(Table = TableGradient.Nearby, {argument})] partial class Model;");

    [Fact]
    public void The_step_after_which_rows_stop_must_not_be_negative() =>
        Expect.Diagnostic("EMB0304", "TableStopsAfter is -1", "[Transformer, GradientRoutes(«TableStopsAfter = -1»)] partial class Model;");

    [Fact]
    public void Permuted_targets_need_several_sequences() =>
        Expect.Diagnostic(
            "EMB0305", "BatchSize is 1; make it at least 2",
            "[Transformer, Training(BatchSize = 1), GradientRoutes(«Table = TableGradient.CrossPositionPermuted»)] partial class Model;");

    [Theory]
    [InlineData("CrossPosition", "ForwardMixing")]
    [InlineData("CrossPositionPermuted", "ForwardMixing")]
    [InlineData("CrossPosition", "BackwardMixing")]
    public void Without_mixing_no_gradient_crosses_positions(string table, string mixing) =>
        Expect.Diagnostic(
            "EMB0306", $"Table = {table} asks for the gradient across positions, which {mixing} = false cuts",
            $"[Transformer, GradientRoutes(«Table = TableGradient.{table}», {mixing} = false)] partial class Model;");

    [Fact]
    public void Nearby_targets_need_the_activations_of_every_layer() => Expect.Diagnostic(
        "EMB0309", "Table = Nearby reads what each layer kept for every distance, which Recompute = true does not keep; remove one of the two",
        "[Transformer, Training(Recompute = true), GradientRoutes(«Table = TableGradient.Nearby», Distance = 3)] partial class Model;");

    [Theory]
    [InlineData("«Table = TableGradient.OwnPosition», ForwardMixing = false", "with ForwardMixing off every gradient is at its own position")]
    [InlineData("«Table = TableGradient.Nearby», BackwardMixing = false", "with BackwardMixing off")]
    [InlineData("«Distance = 3»", "only Table = Nearby has a distance")]
    [InlineData("Table = TableGradient.None, «TableStopsAfter = 3»", "are never trained")]
    public void Settings_without_effect_are_warned_of(string arguments, string message) =>
        Expect.Diagnostic("EMB0307", message, $"[Transformer, GradientRoutes({arguments})] partial class Model;");

    [Fact]
    public void An_undefined_kind_is_refused() =>
        Expect.Diagnostic("EMB0025", "Table = 9", "[Transformer, GradientRoutes(«Table = (TableGradient)9»)] partial class Model;");

    [Fact]
    public void Valid_routes_are_accepted() => Expect.None(
        "[Transformer, GradientRoutes(Table = TableGradient.Nearby, Distance = 3, TableStopsAfter = 10)] partial class A;",
        "[VariantOf<A>, GradientRoutes(Table = TableGradient.Full)] partial class B;",
        "[Transformer, GradientRoutes(StopKeys = true, StopValues = true, StopQueries = true)] partial class C;");
}
