using System.Globalization;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>
/// The generated code of variants that differ from one baseline in one attribute each, so that the difference of two snapshots is exactly
/// what the attribute changes.
/// </summary>
public sealed class GeneratedCodeTests
{
    private const string Baseline = """
        namespace Laboratory;

        [Transformer(Layers = 2, Width = 64, Heads = 4, Context = 32)]
        [ByteLevelBpe(VocabularySize = 512)]
        public sealed partial class Model;
        """;

    private static readonly Dictionary<string, string> s_differences = new()
    {
        ["baseline"] = "",
        ["RMSNorm"] = ", Norm = NormKind.RmsNorm",
        ["rotary"] = ", Positions = PositionKind.Rotary",
        ["SwiGLU"] = ", FeedForward = FeedForwardKind.SwiGlu",
        ["composed"] = ")][InputEmbedding(EmbeddingKind.Composed",
        ["tied"] = ")][OutputHead(HeadKind.Tied",
    };

    public static TheoryData<string> Names => [.. s_differences.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Generated_code_is_as_verified(string variant)
    {
        GeneratorRun run = GeneratorHarness.Run(Source(variant));

        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        Snapshot.Match(run.Files.Where(file => file.Key != "DeclaredVariants.g.cs").Select(file => new GeneratedFile(file.Key, file.Value)));
    }

    [Fact]
    public void Generated_code_does_not_depend_on_the_culture()
    {
        string[] sources = [.. s_differences.Keys.Select(variant => Source(variant).Replace("Laboratory", "Laboratory" + variant))];
        IReadOnlyDictionary<string, string> expected = GeneratorHarness.Run(sources).Files;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "\u2212";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = "\u202F";
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            Assert.Equal("\u22120,5", (-0.5).ToString());
            AssertEqual(expected, GeneratorHarness.Run(sources).Files);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Generated_code_does_not_depend_on_the_order_of_files()
    {
        string[] sources = [.. s_differences.Keys.Select(variant => Source(variant).Replace("Laboratory", "Laboratory" + variant))];

        AssertEqual(GeneratorHarness.Run(sources).Files, GeneratorHarness.Run([.. sources.Reverse()]).Files);
    }

    [Fact]
    public void Lines_end_in_LF_and_not_in_spaces()
    {
        foreach (string line in s_differences.Keys.SelectMany(variant => GeneratorHarness.Run(Source(variant)).Files.Values)
            .SelectMany(text => text.Split('\n')))
        {
            Assert.False(line.EndsWith('\r') || line.EndsWith(' ') || line.Contains('\t'), line);
        }
    }

    private static void AssertEqual(IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, file => Assert.Equal(file.Value, actual[file.Key]));
    }

    private static string Source(string variant) => Baseline.Replace("Context = 32)", $"Context = 32{s_differences[variant]})");
}
