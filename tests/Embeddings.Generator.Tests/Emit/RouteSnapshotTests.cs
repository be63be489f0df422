namespace Embeddings.Generator.Tests.Emit;

/// <summary>What each gradient route adds to the generated step.</summary>
public sealed class RouteSnapshotTests
{
    private static readonly string[] s_methods =
    [
        "ForwardBackward", "BackwardEmbeddingTable", "OwnPositionResidualGradient", "NearbyResidualGradient", "PermutedResidualGradient",
    ];

    private static readonly Dictionary<string, string> s_routes = new()
    {
        ["own"] = "Table = TableGradient.OwnPosition",
        ["cross"] = "Table = TableGradient.CrossPosition",
        ["permuted"] = "Table = TableGradient.CrossPositionPermuted",
        ["nearby"] = "Table = TableGradient.Nearby, Distance = 3",
        ["stops"] = "TableStopsAfter = 100",
        ["forward"] = "ForwardMixing = false",
        ["backward"] = "BackwardMixing = false",
        ["stopped"] = "StopKeys = true, StopValues = true",
    };

    [Theory]
    [InlineData("own")]
    [InlineData("cross")]
    [InlineData("permuted")]
    [InlineData("nearby")]
    [InlineData("stops")]
    public void A_route_is_a_walk_of_its_own(string route)
    {
        string step = Step(route);
        Snapshot.Match(Excerpt.Methods(step, s_methods), "cs");
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("backward")]
    [InlineData("stopped")]
    public void A_cut_in_attention_stands_in_its_call(string route)
    {
        string step = Step(route);
        Snapshot.Match(Excerpt.Lines(step, "Attention.Forward(", "Attention.Backward(", "null, 0", "// Causal attention", "// Gradients of"));
    }

    private static string Step(string route)
    {
        GeneratorRun run = GeneratorHarness.Run(
            $"[Transformer(Layers = 2, Width = 32, Heads = 2, Context = 16), GradientRoutes({s_routes[route]})] partial class Routed;");
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        return run.Files.Single(file => file.Key.EndsWith(".Step.g.cs", StringComparison.Ordinal)).Value;
    }
}
