using System.Linq;
using System.Text;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>The generated code as text: three models that differ in one attribute each, and the budgets every model keeps.</summary>
public class GeneratedCodeTests
{
    private const string Source = """
        using Embeddings;

        namespace Laboratory;

        [Transformer(Layers = 2, Width = 64, Heads = 4, Context = 128)]
        [ByteLevelBpe(VocabularySize = 1024)]
        public sealed partial class Baseline;

        [VariantOf<Baseline>]
        [InputEmbedding(EmbeddingKind.Composed)]
        public sealed partial class Composed;

        [VariantOf<Baseline>]
        [Transformer(Positions = PositionKind.Rotary)]
        public sealed partial class Rotary;
        """;

    [Theory]
    [InlineData("Baseline")]
    [InlineData("Composed")]
    [InlineData("Rotary")]
    public void Generated_code(string name)
    {
        GeneratorRun run = GeneratorHarness.Run(Source).AssertCompiles();
        var text = new StringBuilder();
        foreach (string part in new[] { ".g.cs", ".Step.g.cs", ".Kernels.g.cs" })
        {
            text.Append(run.Files.Single(file => file.Key.EndsWith("Laboratory." + name + part)).Value);
        }

        Snapshot.Match(text.ToString());
    }

    [Fact]
    public void A_model_keeps_its_budgets()
    {
        const int MostCharacters = 200 * 1024;
        const int MostFiles = 3;
        const int MostStatements = 1000;
        GeneratorRun run = GeneratorHarness.Run(Source);
        foreach (string name in new[] { "Baseline", "Composed", "Rotary" })
        {
            string[] files = [.. run.Files.Where(file => file.Key.Contains("Laboratory." + name + ".")).Select(file => file.Value)];
            Assert.InRange(files.Length, 1, MostFiles);
            Assert.InRange(files.Sum(file => file.Length), 1, MostCharacters);
            foreach (string kernel in files.SelectMany(file => file.Split("private struct ").Skip(1)))
            {
                Assert.InRange(kernel.Count(character => character == ';'), 1, MostStatements);
            }
        }
    }
}
