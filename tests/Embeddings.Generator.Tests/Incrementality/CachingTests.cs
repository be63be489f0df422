using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Tests.Incrementality;

public sealed class CachingTests
{
    private const string Models = """
        [Transformer(Layers = 2, Width = 64)]
        partial class Baseline;

        [VariantOf<Baseline>, ByteLevelBpe(VocabularySize = 512)]
        partial class Larger;

        [VariantOf<Larger>, Transformer(Layers = 3)]
        partial class Deeper;

        [VariantOf<Baseline>, OutputHead(HeadKind.Tied)]
        partial class Tied;
        """;

    private const string Other = "class Other { int Field = 1; }";

    private readonly RecordingBackEnd _backEnd = new();

    [Fact]
    public void The_first_run_compiles_every_model_once()
    {
        Run();

        Assert.Equal(["Baseline", "Deeper", "Larger", "Tied"], _backEnd.Compiled.Select(spec => spec.Type.Name).Order());
    }

    public static TheoryData<string, string, string> UnrelatedEdits => new()
    {
        { "none", Models, Other },
        { "another file", Models, "class Other { string Field = \"\"; void Method() { } }" },
        { "a comment above", "// A comment.\n" + Models, Other },
        { "white space between", Models.Replace("\n\n", "\n\n\n\n"), Other },
        { "a comment inside an attribute", Models.Replace("Layers = 2", "Layers = /* two */ 2"), Other },
        { "another spelling of a value", Models.Replace("Layers = 2", "Layers = 1 + 1"), Other },
        { "the order of arguments", Models.Replace("Layers = 2, Width = 64", "Width = 64, Layers = 2"), Other },
        { "a default said", Models.Replace("Layers = 2", "Layers = 2, Context = 128"), Other },
        { "a member of a model", Models.Replace("partial class Tied;", "partial class Tied { int Member; }"), Other },
        { "the end of the file", Models + "\nclass More;", Other },
    };

    [Theory]
    [MemberData(nameof(UnrelatedEdits))]
    public void An_unrelated_edit_generates_nothing_again(string edit, string models, string other)
    {
        GeneratorRun run = Run().Again(models, other);

        Assert.True(_backEnd.Compiled.Count == 4, $"Compiled again after an edit of {edit}.");
        foreach (string step in Pipeline.ValueSteps)
        {
            Assert.All(run.ReasonsOf(step), reason => Assert.True(Pipeline.IsUnchanged(reason), $"{step}: {reason} after an edit of {edit}."));
        }

        Assert.All(run.OutputReasons(), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_file_of_models_may_be_split_in_two()
    {
        int cut = Models.IndexOf("[VariantOf<Larger>", StringComparison.Ordinal);
        GeneratorRun before = Run();
        GeneratorRun after = before.Again(Models[..cut], Models[cut..] + Other);

        Assert.Equal(before.Files, after.Files);
    }

    public static TheoryData<string, string, string[]> EditsOfOneModel => new()
    {
        { "Layers = 2", "Layers = 1", ["Baseline", "Larger", "Tied"] },
        { "Width = 64", "Width = 32", ["Baseline", "Deeper", "Larger", "Tied"] },
        { "VocabularySize = 512", "VocabularySize = 300", ["Deeper", "Larger"] },
        { "Layers = 3", "Layers = 4", ["Deeper"] },
        { "HeadKind.Tied", "HeadKind.Untied", ["Tied"] },
        { "partial class Larger", "sealed partial class Larger", ["Larger"] },
        { "[VariantOf<Larger>", "[VariantOf<Baseline>", ["Deeper"] },
    };

    [Theory]
    [MemberData(nameof(EditsOfOneModel))]
    public void An_edit_of_one_model_compiles_it_and_what_inherits_the_edit(string old, string edited, string[] compiled)
    {
        GeneratorRun run = Run().Again(Models.Replace(old, edited), Other);

        Assert.Equal(compiled, _backEnd.Compiled.Skip(4).Select(spec => spec.Type.Name).Order());
        Assert.Equal(compiled.Length, run.ReasonsOf(EmbeddingsGenerator.Steps.Specs).Count(reason => !Pipeline.IsUnchanged(reason)));
        Assert.All(run.ReasonsOf(EmbeddingsGenerator.Steps.DeclaredVariants), reason => Assert.True(Pipeline.IsUnchanged(reason)));
    }

    [Fact]
    public void A_new_model_is_compiled_and_listed_and_the_others_are_kept()
    {
        GeneratorRun run = Run().Again(Models, Other + "[VariantOf<Tied>] partial class New;");

        Assert.Equal("New", Assert.Single(_backEnd.Compiled.Skip(4)).Type.Name);
        Assert.Contains("global::New.Variant", run.Files["DeclaredVariants.g.cs"]);
    }

    [Fact]
    public void A_change_of_the_implementation_alone_keeps_the_public_files()
    {
        GeneratorRun run = Run().Again(Models.Replace("Layers = 3", "Layers = 4"), Other);

        // The back end of these tests prints the number of layers into the step only.
        Assert.All(run.ReasonsOf(EmbeddingsGenerator.Steps.PublicFiles), reason => Assert.True(Pipeline.IsUnchanged(reason)));
        Assert.Single(run.ReasonsOf(EmbeddingsGenerator.Steps.ImplementationFiles), reason => reason == IncrementalStepRunReason.Modified);
    }

    [Fact]
    public void A_warning_that_moves_is_reported_in_its_new_place_and_generates_nothing_again()
    {
        const string Source = "[Transformer, InputEmbedding(EmbeddingKind.Table, SpellingPositions = 4)] partial class Model;";
        GeneratorRun first = GeneratorHarness.Run(_backEnd.Compile, Source);
        GeneratorRun second = first.Again("\n\n" + Source);

        Assert.Equal(0, Assert.Single(first.Diagnostics).Location.GetLineSpan().StartLinePosition.Line);
        Assert.Equal(2, Assert.Single(second.Diagnostics).Location.GetLineSpan().StartLinePosition.Line);
        Assert.Single(_backEnd.Compiled);
        Assert.All(
            Pipeline.ValueSteps.SelectMany(second.ReasonsOf), reason => Assert.True(Pipeline.IsUnchanged(reason), reason.ToString()));
    }

    private GeneratorRun Run() => GeneratorHarness.Run(_backEnd.Compile, Models, Other);
}
