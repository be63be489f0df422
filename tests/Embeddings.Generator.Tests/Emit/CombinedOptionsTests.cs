using System.Text;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>
/// Options do not know of one another, so any that are valid together must compile together: random declarations, a few options each, all
/// in one project.
/// </summary>
public sealed class CombinedOptionsTests
{
    private const int Models = 30;

    /// <summary>Goes with all options but targets further ahead.</summary>
    private const string Permuted = "GradientRoutes(Table = TableGradient.CrossPositionPermuted)";

    /// <summary>Choices of which a model takes one each; the first of a row is to say nothing.</summary>
    private static readonly string[][] s_transformer =
    [
        ["", "Norm = NormKind.RmsNorm"],
        ["", "Positions = PositionKind.Rotary", "Positions = PositionKind.Alibi", "Positions = PositionKind.None"],
        ["", "FeedForward = FeedForwardKind.SwiGlu", "FeedForward = FeedForwardKind.SquaredRelu"],
        ["", "Biases = false"],
        ["", "QueryKeyNorm = true"],
        ["", "KeyValueHeads = 1", "KeyValueHeads = 2"],
        ["", "LogitSoftCap = 10"],
        ["", "EmbeddingNorm = true"],
        ["", "InputSkip = true"],
        ["", "ResidualScale = 0.7"],
        ["", "FeedForwardRatio = 1.5"],
        ["", "Initialization = InitializationScheme.ZeroOutput", "Initialization = InitializationScheme.Gpt2"],
    ];

    private static readonly string[][] s_attributes =
    [
        ["", "SlidingWindow(3)", "SlidingWindow(4, Pattern = \"LLG\")"],
        ["", "Capture(CapturePoints.EmbeddingGradient | CapturePoints.States)", "Capture(CapturePoints.States)", "Capture(CapturePoints.EmbeddingGradient)"],
        [
            "", "InputEmbedding(EmbeddingKind.Composed)", "InputEmbedding(EmbeddingKind.LowRank, Rank = 3)",
            "InputEmbedding(EmbeddingKind.Recurrent)", "InputEmbedding(EmbeddingKind.Convolutional, HiddenWidth = 10)",
            "InputEmbedding(EmbeddingKind.TableAndComposed)", "InputEmbedding(EmbeddingKind.Table, VocabularySize = 401)",
        ],
        ["", "ValueEmbeddings(\"V\")", "ValueEmbeddings(\"VN\")"],
        ["", "FutureTargets(1)", "FutureTargets(2, Kind = FutureHeadKind.FeedForward)"],
        ["", "SecondInputTable(512)"],
        ["", "OutputHead(HeadKind.Bytes)"],
        ["", "HashedNgrams(101)", "HashedNgrams(103, Order = 3)"],
        ["", "Muon(ParameterGroup.Body)", "Muon(ParameterGroup.All)"],
        ["", "AdamW(ParameterGroup.InputEmbedding, WarmupSteps = 5, RateRule = RateRule.ByVocabulary)"],
        ["", "LearningRateSchedule(ScheduleKind.Linear)"],
        [
            "", "GradientRoutes(Table = TableGradient.OwnPosition)", "GradientRoutes(Table = TableGradient.CrossPosition, TableStopsAfter = 3)",
            Permuted, "GradientRoutes(Table = TableGradient.Nearby, Distance = 2)",
            "GradientRoutes(Table = TableGradient.None)", "GradientRoutes(TableStopsAfter = 2)", "GradientRoutes(BackwardMixing = false)",
            "GradientRoutes(StopKeys = true)", "GradientRoutes(StopQueries = true, StopKeys = true, StopValues = true)",
            "GradientRoutes(Table = TableGradient.OwnPosition, StopValues = true)",
        ],
    ];

    [Theory]
    [InlineData(1)]
    public void Options_that_are_valid_compile_together(int seed)
    {
        var random = new Random(seed);
        var source = new StringBuilder();
        for (int model = 0; model < Models; model++)
        {
            string[] properties = Choose(s_transformer);
            string[] attributes = Choose(s_attributes);
            attributes = [.. attributes.Where(attribute => attribute != Permuted || !attributes.Any(other => other.StartsWith("FutureTargets", StringComparison.Ordinal)))];
            source.Append("[Transformer(").AppendJoin(", ", properties.Prepend("Layers = 3, Width = 16, Heads = 2, Context = 8")).Append(')');
            source.Append(string.Concat(attributes.Select(attribute => ", " + attribute)));
            source.Append($"] partial class Model{model};\n");
        }

        GeneratorRun run = GeneratorHarness.Run(source.ToString());
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        Assert.Equal(Models, run.Files.Keys.Count(file => file.EndsWith(".Step.g.cs", StringComparison.Ordinal)));

        string[] Choose(string[][] rows) => [.. rows.Select(row => row[random.Next(3) == 0 ? random.Next(row.Length) : 0]).Where(choice => choice.Length > 0)];
    }
}
