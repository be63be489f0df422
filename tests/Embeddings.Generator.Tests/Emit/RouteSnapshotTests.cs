namespace Embeddings.Generator.Tests.Emit;

/// <summary>What each gradient route adds to the generated step.</summary>
public sealed class RouteSnapshotTests
{
    private static readonly string[] s_methods =
    [
        "ForwardBackward", "BackwardEmbeddingTable", "OwnPositionResidualGradient", "NearbyResidualGradient", "PermutedResidualGradient",
    ];

    [Theory]
    [InlineData("Table = TableGradient.OwnPosition")]
    [InlineData("Table = TableGradient.CrossPosition")]
    [InlineData("Table = TableGradient.CrossPositionPermuted")]
    [InlineData("Table = TableGradient.Nearby, Distance = 3")]
    [InlineData("TableStopsAfter = 100")]
    public void A_route_is_a_walk_of_its_own(string route)
    {
        string step = Step($"[Transformer(Layers = 2, Width = 32, Heads = 2, Context = 16), GradientRoutes({route})] partial class Routed;");
        Snapshot.Match(Excerpt.Methods(step, s_methods), "cs");
    }

    [Theory]
    [InlineData("ForwardMixing = false")]
    [InlineData("BackwardMixing = false")]
    [InlineData("StopKeys = true, StopValues = true")]
    public void A_cut_in_attention_stands_in_its_call(string route)
    {
        string step = Step($"[Transformer(Layers = 2, Width = 32, Heads = 2, Context = 16), GradientRoutes({route})] partial class Routed;");
        Snapshot.Match(Excerpt.Lines(step, "Attention.Forward(", "Attention.Backward(", "null, 0", "// Causal attention", "// Gradients of"));
    }

    private static string Step(string source)
    {
        GeneratorRun run = GeneratorHarness.Run(source);
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        return run.Files.Single(file => file.Key.EndsWith(".Step.g.cs", StringComparison.Ordinal)).Value;
    }
}
