using System.Reflection;

namespace Embeddings.Generator.Tests.Parsing;

public sealed class DeclaredVariantsTests
{
    private const string FileName = "DeclaredVariants.g.cs";

    [Fact]
    public void A_project_without_models_gets_no_file()
    {
        Assert.Empty(GeneratorHarness.Run("class Nothing;").Files);
    }

    [Fact]
    public void All_models_are_listed_by_full_name()
    {
        GeneratorRun run = GeneratorHarness.Run(
            new RecordingBackEnd().Compile,
            "namespace B { [Transformer] partial class Model; }",
            "[VariantOf<B.Model>] partial class Zero; namespace A { [VariantOf<B.Model>] partial class Model; }");

        Assert.Contains(
            """
                [
                    global::A.Model.Variant,
                    global::B.Model.Variant,
                    global::Zero.Variant,
                ];
            """.ReplaceLineEndings("\n"),
            run.Files[FileName]);

        PropertyInfo all = run.Load().GetType("Project.DeclaredVariants")!.GetProperty("All")!;
        Assert.Equal(3, Assert.IsAssignableFrom<System.Collections.IEnumerable>(all.GetValue(null)).Cast<object>().Count());
    }

    [Theory]
    [InlineData("My.Project", "namespace My.Project;")]
    [InlineData("my-project 2", "namespace my_project_2;")]
    [InlineData("7zip.event", "namespace _7zip.@event;")]
    [InlineData(null, "namespace Project;")]
    public void The_list_stands_in_the_root_namespace(string? rootNamespace, string expected)
    {
        GeneratorRun run = GeneratorRun.Of(
            GeneratorHarness.CreateDriver(new RecordingBackEnd().Compile, rootNamespace),
            GeneratorHarness.Compile("[Transformer] partial class Model;"));

        Assert.Contains($"\n{expected}\n", run.Files[FileName]);
        run.AssertCompiles();
    }

    [Fact]
    public void An_empty_root_namespace_is_the_global_one()
    {
        GeneratorRun run = GeneratorRun.Of(
            GeneratorHarness.CreateDriver(new RecordingBackEnd().Compile, rootNamespace: ""),
            GeneratorHarness.Compile("[Transformer] partial class Model;"));

        Assert.DoesNotContain("namespace", run.Files[FileName]);
        run.AssertCompiles();
    }

    [Fact]
    public void A_model_with_an_error_is_left_out()
    {
        GeneratorRun run = GeneratorHarness.Run(
            new RecordingBackEnd().Compile, "[Transformer] partial class Good; [Transformer(Layers = 0)] partial class Bad;");

        Assert.Contains("global::Good.Variant,", run.Files[FileName]);
        Assert.DoesNotContain("Bad", run.Files[FileName]);
    }

    [Fact]
    public void A_namespace_named_by_a_keyword_is_escaped()
    {
        GeneratorHarness.Run(new RecordingBackEnd().Compile, "namespace Some.@event; [Transformer] partial class Model;").AssertCompiles();
    }
}
