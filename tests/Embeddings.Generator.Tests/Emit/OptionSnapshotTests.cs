using System.Text.RegularExpressions;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>
/// What an option changes in the generated step of one baseline: the lines that the baseline does not have, in their order. Offsets, which
/// move with every parameter, stand as <c>#</c>.
/// </summary>
public sealed class OptionSnapshotTests
{
    private static readonly Dictionary<string, string> s_options = new()
    {
        ["alibi"] = "Transformer(Positions = PositionKind.Alibi)",
        ["shared"] = "Transformer(KeyValueHeads = 1)",
        ["norm"] = "Transformer(EmbeddingNorm = true)",
        ["ratio"] = "Transformer(FeedForwardRatio = 3)",
        ["window"] = "SlidingWindow(4, Pattern = \"LG\")",
        ["skip"] = "Transformer(InputSkip = true)",
        ["values"] = "ValueEmbeddings(\"NV\")",
        ["future"] = "FutureTargets(2, Falloff = 0.5)",
        ["bytes"] = "OutputHead(HeadKind.Bytes, DecoderWidth = 32)",
        ["recurrent"] = "InputEmbedding(EmbeddingKind.Recurrent, HiddenWidth = 8, BytesRead = 2)",
        ["convolutional"] = "InputEmbedding(EmbeddingKind.Convolutional, HiddenWidth = 8, BytesRead = 2)",
        ["rank1"] = "InputEmbedding(EmbeddingKind.LowRank, Rank = 1)",
        ["scale"] = "Transformer(ResidualScale = 0.5)",
        ["capture"] = "Capture(CapturePoints.EmbeddingGradient | CapturePoints.States | CapturePoints.Logits)",
        ["lowrank"] = "InputEmbedding(EmbeddingKind.LowRank, Rank = 4)",
        ["inputs"] = "InputEmbedding(EmbeddingKind.Table, VocabularySize = 300)",
        ["both"] = "InputEmbedding(EmbeddingKind.TableAndComposed)",
        ["ngrams"] = "HashedNgrams(101)",
        ["second"] = "SecondInputTable(512)",
        ["suffixes"] = "SuffixRows(512)",
        ["untying"] = "OutputHead(HeadKind.TiedThenUntied, UntiesAfter = 100)",
        ["muon"] = "Muon(ParameterGroup.Body)",
        ["unclipped"] = "Training(ClipNorm = 0)",
        ["recompute"] = "Training(Recompute = true)",
        ["warmup"] = "AdamW(ParameterGroup.InputEmbedding, RateRule = RateRule.TimesRootWidth, WarmupSteps = 10)",
    };

    public static TheoryData<string> Names => [.. s_options.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_option_adds_to_the_step(string option)
    {
        GeneratorRun run = GeneratorHarness.Run(
            "[Transformer(Layers = 2, Width = 16, Heads = 2, Context = 8, Biases = false)] partial class Baseline;",
            $"[VariantOf<Baseline>, {s_options[option]}] partial class Variant1;");
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        HashSet<string> baseline = [.. Lines(run, "Baseline")];
        Snapshot.Match(string.Concat(Lines(run, "Variant1").Where(line => !baseline.Contains(line)).Select(line => line + "\n")), "cs");
    }

    private static IEnumerable<string> Lines(GeneratorRun run, string name) =>
        run.Files.Single(file => file.Key == $"{name}.Step.g.cs").Value.Split('\n')
            .SkipWhile(line => !line.Contains("class "))
            .Select(line => Regex.Replace(line.Trim(), @"\b\d+(?=L\b|\))|(?<=At\(|, )\d+(?=\); //| \+ )", "#"));
}
