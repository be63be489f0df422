using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>
/// Budgets that the generated code of every model keeps. The JIT compiles methods beyond some 25 KB of IL without optimisation, and a
/// reader should be able to read a step from top to bottom.
/// </summary>
public sealed class BudgetTests
{
    private const int MostFiles = 4;
    private const int MostBytes = 200 * 1024;
    private const int MostBytesForPlace = 12 * 1024;
    private const int MostCudaBytes = 500 * 1024;
    private const int MostStatements = 1000;

    [Fact]
    public void A_model_with_every_option_keeps_its_budgets() => Check(GeneratorHarness.Run("""
        namespace Laboratory;

        [Transformer(Layers = 1024, Width = 768, Heads = 12, KeyValueHeads = 4, Context = 1024, Positions = PositionKind.Rotary,
            FeedForward = FeedForwardKind.SwiGlu, QueryKeyNorm = true, LogitSoftCap = 30, EmbeddingNorm = true)]
        [ByteLevelBpe(VocabularySize = 262144)]
        public sealed partial class Everything;

        [VariantOf<Everything>]
        [InputEmbedding(EmbeddingKind.Composed)]
        public sealed partial class Composed;
        """));

    [Fact]
    public void Every_declared_variant_of_the_laboratory_keeps_its_budgets()
    {
        string[] sources = [.. DeclarationFiles().Select(File.ReadAllText)];
        GeneratorRun run = GeneratorHarness.Run(sources);

        Assert.Empty(run.Diagnostics);
        Check(run);
        int declared = sources.Sum(source => source.Split('\n').Count(line => line.StartsWith("public sealed partial class ", StringComparison.Ordinal)));
        Assert.True(declared > 20, $"Only {declared} variants are declared.");
        Assert.Equal(declared, Models(run).Count());
    }

    /// <summary>The files of the experiments that declare variants.</summary>
    private static IEnumerable<string> DeclarationFiles([CallerFilePath] string testFile = "")
    {
        string folder = Path.Combine(Path.GetDirectoryName(testFile)!, "../../../src/Embeddings.Experiments/Variants");
        Assert.SkipUnless(Directory.Exists(folder), "The sources of the experiments are not on this machine.");
        return Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("public sealed partial class "))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<IGrouping<string, GeneratedSourceResult>> Models(GeneratorRun run) => run.Result.GeneratedSources
        .Where(file => file.HintName != "DeclaredVariants.g.cs")
        .GroupBy(file => file.HintName.Replace(".g.cs", "").Replace(".Step", "").Replace(".Kernels", "").Replace(".Cuda", ""));

    /// <summary>The CUDA C of a model, which stands in its file as one literal.</summary>
    private static int CudaBytes(GeneratedSourceResult file) => file.SyntaxTree.GetRoot().DescendantTokens()
        .Where(token => token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)).Sum(token => Encoding.UTF8.GetByteCount(token.Text));

    /// <summary>Places of a token's bytes, over which rows that are computed from them one by one are unrolled; 0 in other models.</summary>
    private static int Places(IEnumerable<GeneratedSourceResult> model) => model.Max(file =>
        Regex.Match(file.SourceText.ToString(), @"FindBytes\(tokens, places: (\d+)\)") is { Success: true } found
            ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0);

    private static void Check(GeneratorRun run)
    {
        Assert.NotEmpty(Models(run));
        foreach (IGrouping<string, GeneratedSourceResult> model in Models(run))
        {
            Assert.InRange(model.Count(), 1, MostFiles);
            int cuda = model.Where(file => file.HintName.EndsWith(".Cuda.g.cs", StringComparison.Ordinal)).Sum(CudaBytes);
            int bytes = model.Sum(file => Encoding.UTF8.GetByteCount(file.SourceText.ToString())) - cuda;
            Assert.True(bytes > 0 && bytes <= MostBytes + Places(model) * MostBytesForPlace, $"{model.Key} has {bytes} bytes of C#.");
            Assert.True(cuda is > 0 and <= MostCudaBytes, $"{model.Key} has {cuda} bytes of CUDA C.");
            foreach (MethodDeclarationSyntax method in model.SelectMany(
                file => file.SyntaxTree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()))
            {
                int statements = method.DescendantNodes().Count(node => node is StatementSyntax and not BlockSyntax);
                Assert.True(statements <= MostStatements, $"{model.Key}: {method.Identifier} has {statements} statements.");
            }
        }
    }
}
