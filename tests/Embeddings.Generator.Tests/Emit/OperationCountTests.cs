using System.Globalization;
using System.Text.RegularExpressions;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>The operations that a description states, against those that the calls of the generated step add up to.</summary>
public sealed class OperationCountTests
{
    private const int Layers = 3;
    private const int Context = 16;
    private const int HeadChannels = 32;

    private static readonly Regex s_method = new(@"private void (\w+)\(int\* tokens[^)]*\)\n    \{\n(.*?)\n    \}", RegexOptions.Singleline);

    [Theory]
    [InlineData("")]
    [InlineData(", SlidingWindow(5, Pattern = \"LG\"), HashedNgrams(101, Order = 3)")]
    [InlineData(", GradientRoutes(Table = TableGradient.CrossPosition)")]
    [InlineData(", GradientRoutes(StopKeys = true, StopQueries = true)")]
    [InlineData(", InputEmbedding(EmbeddingKind.FrozenBinary)")]
    [InlineData(", InputEmbedding(EmbeddingKind.TableAndComposed)")]
    [InlineData(", InputEmbedding(EmbeddingKind.LowRank, Rank = 8)")]
    [InlineData(", OutputHead(HeadKind.TiedThenUntied, UntiesAfter = 5)")]
    [InlineData(", GradientRoutes(Table = TableGradient.OwnPosition)")]
    [InlineData(", GradientRoutes(Table = TableGradient.CrossPositionPermuted)")]
    [InlineData(", GradientRoutes(Table = TableGradient.Nearby, Distance = 2)")]
    [InlineData(", SlidingWindow(5, Pattern = \"LG\")")]
    [InlineData(", ValueEmbeddings(\"VN\")")]
    [InlineData(", FutureTargets(2)")]
    [InlineData(", FutureTargets(1, Kind = FutureHeadKind.FeedForward)")]
    [InlineData(", OutputHead(HeadKind.Bytes)")]
    [InlineData(", InputEmbedding(EmbeddingKind.Recurrent)")]
    [InlineData(", InputEmbedding(EmbeddingKind.Convolutional)")]
    [InlineData(", InputEmbedding(EmbeddingKind.LowRank, Rank = 1)")]
    [InlineData(", InputEmbedding(EmbeddingKind.Table, VocabularySize = 300), SecondInputTable(512), HashedNgrams(101)")]
    [InlineData(", SuffixRows(512)")]
    [InlineData(", Capture(CapturePoints.Logits)")]
    [InlineData(", InputEmbedding(EmbeddingKind.Composed)")]
    [InlineData(", OutputHead(HeadKind.Tied)")]
    [InlineData("", ", KeyValueHeads = 1, Positions = PositionKind.Alibi")]
    [InlineData("", ", FeedForward = FeedForwardKind.SwiGlu, FeedForwardRatio = 3")]
    [InlineData("", ", Positions = PositionKind.Rotary, QueryKeyNorm = true, EmbeddingNorm = true")]
    [InlineData("", ", InputSkip = true, ResidualScale = 0.5, LogitSoftCap = 15, Norm = NormKind.RmsNorm, Biases = false")]
    public void Stated_operations_are_those_of_the_calls(string more, string shape = "")
    {
        GeneratorRun run = Run(more, shape);
        string step = run.Files["Model.Step.g.cs"];
        Dictionary<string, double> methods = s_method.Matches(step).ToDictionary(match => match.Groups[1].Value, match => Calls(match.Groups[2].Value));
        string body = Regex.Match(step, @"void ForwardBackward\(.*?\n    \{\n(.*?)\n    \}", RegexOptions.Singleline).Groups[1].Value;
        double expected = 0;
        int distances = 1;
        foreach (string line in ("ForwardEmbedding(;ForwardBlock(;ForwardHead(;" + body).Split(';'))
        {
            if (Regex.Match(line, @"distance <= (\d+)") is { Success: true } loop)
            {
                distances = int.Parse(loop.Groups[1].Value, CultureInfo.InvariantCulture) + 1;
            }

            foreach (string name in methods.Keys.Where(name => line.Contains(name + "(")))
            {
                expected += methods[name] * (name.Contains("Block") ? Layers : 1) * (line.Contains("distance") || name.EndsWith("Nearby") ? distances : 1);
            }
        }

        Assert.True(expected > 0);
        Assert.Equal(expected, Stated(run), 1e-6);
    }

    [Fact]
    public void What_is_computed_again_is_not_counted() => Assert.Equal(Stated(Run("", "")), Stated(Run(", Training(Recompute = true)", "")));

    /// <summary>A position that sees itself alone has one key, less the half of it that every count of keys leaves out.</summary>
    [Fact]
    public void Without_mixing_a_query_has_one_key() =>
        Assert.Equal(
            Stated(Run("", "")) - 12.0 * HeadChannels * Layers * (Context / 2.0 - (1 - 1 / (2.0 * Context))),
            Stated(Run(", GradientRoutes(ForwardMixing = false)", "")),
            1e-6);

    private static GeneratorRun Run(string more, string shape) =>
        GeneratorHarness.Run($"[Transformer(Layers = {Layers}, Width = 32, Heads = 2, Context = {Context}{shape}){more}] partial class Model;");

    private static double Stated(GeneratorRun run) => double.Parse(
        Regex.Match(run.Files["Model.g.cs"], @"OperationsPerToken = ([\d.E+]+)").Groups[1].Value, CultureInfo.InvariantCulture);

    private static double Calls(string body)
    {
        double sum = 0;
        foreach (Match call in Regex.Matches(body, @"MatMul\.(Run|WeightGradient)\(Pool, R, (\d+), (\d+),"))
        {
            sum += 2 * Number(call, 2) * Number(call, 3);
        }

        foreach (Match call in Regex.Matches(body, @"LinearCrossEntropy\.LossesAndGradients\([^;]*"))
        {
            sum += (call.Value.Contains("null, LossWeights") ? 4 : 6) * 32 * 256;
        }

        foreach (Match call in Regex.Matches(body, @"(?:Causal|General)Attention\.(Forward|Backward)\([^;]*"))
        {
            double keys = call.Value.Contains("AttentionWindows") ? (2 * (5 - 25.0 / (2 * Context)) + Context / 2.0) / Layers : Context / 2.0;
            sum += (call.Groups[1].Value == "Forward" ? 4 : 8) * HeadChannels * keys;
        }

        return sum;
    }

    private static double Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
