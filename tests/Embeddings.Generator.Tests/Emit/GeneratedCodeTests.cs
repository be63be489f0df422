using System.Linq;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>Budgets that the generated code of every model keeps.</summary>
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
        public sealed partial class RotaryPositions;
        """;

    [Fact]
    public void A_model_keeps_its_budgets()
    {
        const int MostCharacters = 200 * 1024;
        const int MostFiles = 3;
        const int MostStatements = 1000;
        GeneratorRun run = GeneratorHarness.Run(Source);
        foreach (string name in new[] { "Baseline", "Composed", "RotaryPositions" })
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
