using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;
using Embeddings.Generator.Tests.Declarations;

namespace Embeddings.Generator.Tests.Passes;

/// <summary>What holds after each pass, on the graphs of random declarations.</summary>
public sealed class PassTests
{
    private const int Declarations = 100;

    private static readonly Lazy<IReadOnlyDictionary<string, ModelSpec>> s_specs = new(() => GeneratorHarness.Parse(
        string.Concat(Enumerable.Range(0, Declarations).Select(seed => $"{RandomDeclaration.Valid(50_000 + seed)}partial class Model{seed};\n"))));

    [Fact]
    public void The_text_of_every_stage_reads_back_as_the_same_graph()
    {
        int stages = 0;
        foreach (ModelSpec spec in s_specs.Value.Values)
        {
            LoweredModel lowered = Lower.Run(spec);
            GradientPlan plan = GradientPlan.Of(spec.Routes);
            foreach (Stage stage in lowered.Stages)
            {
                RoundTrip(Node.Reachable([stage.Output]));
                DifferentiatedStage main = Differentiate.Run(stage, lowered.Parameters, plan);
                DifferentiatedStage recomputed = Differentiate.Run(stage, lowered.Parameters, plan, recomputes: true);
                foreach (DifferentiatedStage walk in Differentiate.RunRoutes(stage, lowered.Parameters, plan).Concat([main, recomputed]))
                {
                    RoundTrip(Node.Reachable(walk.BackwardRoots.Append(walk.Forward.Output)));
                    stages++;
                }
            }
        }

        Assert.True(stages >= 3 * Declarations);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void No_step_finds_its_memory_overwritten(bool fuses, bool recomputes)
    {
        FusionLimits limits = fuses ? FusionLimits.Default : FusionLimits.None;
        foreach (ModelSpec spec in s_specs.Value.Values.Where(spec => !spec.Routes.RoutesTable))
        {
            LoweredModel lowered = Lower.Run(spec);
            GradientPlan gradients = GradientPlan.Of(spec.Routes);
            foreach (Stage stage in lowered.Stages)
            {
                DifferentiatedStage walk = Differentiate.Run(stage, lowered.Parameters, gradients, recomputes);
                StagePlan plan = PlanBuffers.Run(Fuse.Run(walk, [], limits), spec.Architecture.Context);
                PlanVerifier.Verify(plan);
                new PlannedMemory(plan).Run();
            }
        }
    }

    /// <summary>What an activation is computed from is kept once, whether or not a bias stands between it and the product.</summary>
    [Theory]
    [InlineData(FeedForwardKind.Gelu, 40)]
    [InlineData(FeedForwardKind.SquaredRelu, 40)]
    [InlineData(FeedForwardKind.SwiGlu, 80)]
    public void A_backward_keeps_the_arguments_of_an_activation_alone(FeedForwardKind kind, int columns)
    {
        foreach (string biases in new[] { "true", "false" })
        {
            ModelSpec spec = GeneratorHarness.Parse(
                $"[Transformer(Width = 16, Heads = 2, FeedForward = FeedForwardKind.{kind}, FeedForwardWidth = 40, Biases = {biases})] partial class Model;").Values.Single();
            LoweredModel lowered = Lower.Run(spec);
            DifferentiatedStage walk = Differentiate.Run(lowered.Block, lowered.Parameters, GradientPlan.Of(spec.Routes), recomputes: true);
            StageSchedule schedule = Fuse.Run(walk, [], FusionLimits.Default);

            Assert.Equal(columns, schedule.Saved.Where(node => node.Name.StartsWith("FeedForward.") && node.Shape.Columns > 16).Sum(node => node.Shape.Columns));
            Assert.Contains(schedule.Forward.OfType<ProductStep>(), product => kind == FeedForwardKind.SwiGlu || product.Epilogue.Count > 1);
        }
    }

    [Fact]
    public void A_pass_that_fails_is_named()
    {
        ModelSpec spec = s_specs.Value.Values.First();

        Assert.Equal((nameof(Lower), "no formula"), Failure(_ => throw new InvalidOperationException("no formula")));
        Assert.Equal(nameof(Differentiate), Failure(each =>
        {
            LoweredModel lowered = Lower.Run(each);
            GraphBuilder graph = lowered.Block.Builder;
            Node broken = graph.Make(Op.ColumnSum, [lowered.Block.Output], Shape.Vector(lowered.Block.Output.Shape.Columns), null);
            return lowered with { Block = lowered.Block with { Output = graph.Add(lowered.Block.Output, broken) } };
        }).Pass);

        (string? Pass, string? Message) Failure(Func<ModelSpec, LoweredModel> lower)
        {
            CompilationResult result = Compiler.Compile(spec, lower, FusionLimits.Default, default);
            Assert.Empty(result.PublicFiles);
            Assert.Empty(result.ImplementationFiles);
            return (result.FailedPass, result.Failure);
        }
    }

    /// <summary>Print, parse, print: the same nodes with the same shapes, names and payloads, numbered anew without gaps.</summary>
    private static void RoundTrip(IReadOnlyList<Node> nodes)
    {
        string once = GraphPrinter.Print(nodes);
        IReadOnlyList<Node> read = GraphParser.Parse(once, new GraphBuilder());
        string twice = GraphPrinter.Print(read);

        Assert.Equal(nodes.Count, read.Count);
        Assert.Equal(Renumbered(once), twice);
        Assert.Equal(twice, GraphPrinter.Print(GraphParser.Parse(twice, new GraphBuilder())));
        GraphVerifier.Verify(read);
    }

    private static string Renumbered(string text)
    {
        var ids = new Dictionary<string, int>();
        return System.Text.RegularExpressions.Regex.Replace(text, @"%\d+", match =>
        {
            if (!ids.TryGetValue(match.Value, out int id))
            {
                ids.Add(match.Value, id = ids.Count);
            }

            return $"%{id}";
        });
    }
}
