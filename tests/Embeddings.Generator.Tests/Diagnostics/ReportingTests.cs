using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Embeddings.Generator.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class ReportingTests
{
    private const string UnusedPositions = "[InputEmbedding(EmbeddingKind.Table, SpellingPositions = 4)]";

    [Fact]
    public void A_mistake_that_variants_inherit_is_reported_once() =>
        Expect.Diagnostic(
            "EMB0101", "Layers is 0",
            "[Transformer(«Layers = 0»)] partial class Baseline;",
            "[VariantOf<Baseline>] partial class A; [VariantOf<A>, Transformer(Width = 64)] partial class B;");

    [Fact]
    public void A_variant_of_a_class_with_a_mistake_is_compiled_when_it_overrides_the_mistake()
    {
        GeneratorRun run = GeneratorHarness.Run(
            new RecordingBackEnd().Compile,
            "[Transformer(Layers = 0)] partial class Bad;",
            "[VariantOf<Bad>] partial class InheritsIt; [VariantOf<Bad>, Transformer(Layers = 1)] partial class OverridesIt;");

        Assert.Equal("EMB0101", Assert.Single(run.Diagnostics).Id);
        Assert.Equal(["DeclaredVariants.g.cs", "OverridesIt.Step.g.cs", "OverridesIt.g.cs"], run.Files.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_mistake_in_a_referenced_assembly_is_reported_under_the_reference_to_it()
    {
        var library = GeneratorHarness.Compile("[Transformer(Layers = 0)] public partial class FromLibrary;");
        var project = GeneratorHarness.Compile("[VariantOf<FromLibrary>] partial class Mine;")
            .WithAssemblyName("Consumer")
            .AddReferences(MetadataReference.CreateFromImage(Emit(library)));

        GeneratorRun run = GeneratorRun.Of(GeneratorHarness.CreateDriver(), project);

        Assert.Equal(("EMB0101", "File0.cs", 1, "VariantOf<FromLibrary>"), Expect.Describe(Assert.Single(run.Diagnostics)));
    }

    [Fact]
    public void All_mistakes_of_a_class_are_reported_at_once()
    {
        GeneratorRun run = GeneratorHarness.Run("""
            [Transformer(Layers = 0, Width = -1, LogitSoftCap = -1)]
            [ByteLevelBpe(VocabularySize = 1)]
            [AdamW(Beta1 = 2)]
            class Model;
            """);

        Assert.Equal(["EMB0101", "EMB0101", "EMB0106", "EMB0107", "EMB0202", "EMB0001"], run.Diagnostics.Select(each => each.Id));
    }

    [Fact]
    public void An_argument_that_does_not_compile_is_left_to_the_compiler()
    {
        GeneratorRun run = GeneratorHarness.Run("""
            [Transformer(Layers = "many", Width = Missing, Depth = 3), InputEmbedding(EmbeddingKind.Unknown), OutputHead]
            [AdamW(ParameterGroup.Unknown, LearningRate = 2), AdamW]
            partial class Model;
            """);

        Assert.Empty(run.Diagnostics);
    }

    [Fact]
    public void A_warning_is_silenced_by_pragma()
    {
        GeneratorRun run = GeneratorHarness.Run(
            new RecordingBackEnd().Compile,
            $"""
            #pragma warning disable EMB0110
            [Transformer] {UnusedPositions} partial class Silent;
            #pragma warning restore EMB0110
            [Transformer] {UnusedPositions} partial class Loud;
            """);

        Diagnostic loud = Assert.Single(run.Diagnostics);
        Assert.Equal(3, loud.Location.GetLineSpan().StartLinePosition.Line);
        Assert.True(run.Files.ContainsKey("Silent.g.cs"));
        Assert.True(run.Files.ContainsKey("Loud.g.cs"));
    }

    [Fact]
    public void An_error_is_silenced_by_nothing()
    {
        var compilation = GeneratorHarness.Compile("#pragma warning disable\n[Transformer(Layers = 0)] partial class Model;");
        var options = compilation.Options.WithSpecificDiagnosticOptions(
            ImmutableDictionary<string, ReportDiagnostic>.Empty.Add("EMB0101", ReportDiagnostic.Suppress));

        GeneratorRun run = GeneratorRun.Of(GeneratorHarness.CreateDriver(), compilation.WithOptions(options));

        Assert.Equal("EMB0101", Assert.Single(run.Diagnostics).Id);
    }

    [Fact]
    public void Messages_do_not_depend_on_the_culture()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "\u2212";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NaNSymbol = "inget tal";
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            Assert.Equal("\u22120,5", (-0.5).ToString());
            Expect.Diagnostic("EMB0106", "LogitSoftCap is -0.5;", "[Transformer(«LogitSoftCap = -0.5»)] partial class Model;");
            Expect.Diagnostic("EMB0101", "Layers is -3;", "[Transformer(«Layers = -3»)] partial class Model;");
            Expect.Diagnostic("EMB0026", "ClipNorm is NaN;", "[Transformer, Training(«ClipNorm = double.NaN»)] partial class Model;");
            Expect.Diagnostic(
                "EMB0025", "FeedForward = -1 is not", "[Transformer(«FeedForward = (FeedForwardKind)(-1)»)] partial class Model;");
            Expect.Diagnostic(
                "EMB0102", "a width of 99 or 102", "[Transformer(Heads = 3, «Width = 100»)] partial class Model;");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Identifiers_of_diagnostics_are_unique_and_no_error_can_be_configured_away()
    {
        DiagnosticDescriptor[] descriptors = typeof(Descriptors)
            .GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(field => (DiagnosticDescriptor)field.GetValue(null)!)
            .ToArray();

        Assert.True(descriptors.Length > 40);
        Assert.Equal(descriptors.Length, descriptors.Select(descriptor => descriptor.Id).Distinct().Count());
        Assert.All(descriptors, descriptor => Assert.Equal(
            descriptor.DefaultSeverity == DiagnosticSeverity.Error, descriptor.CustomTags.Contains(WellKnownDiagnosticTags.NotConfigurable)));
    }

    private static byte[] Emit(Compilation compilation)
    {
        using var image = new MemoryStream();
        Assert.True(compilation.Emit(image).Success);
        return image.ToArray();
    }
}
