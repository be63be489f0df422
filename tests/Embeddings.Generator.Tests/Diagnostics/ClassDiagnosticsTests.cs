using Microsoft.CodeAnalysis.CSharp;

namespace Embeddings.Generator.Tests.Diagnostics;

public sealed class ClassDiagnosticsTests
{
    [Fact]
    public void A_class_must_be_partial() =>
        Expect.Diagnostic("EMB0001", "'Model' declares a model but is not partial", "[Transformer] public sealed class «Model»;");

    [Fact]
    public void A_class_must_not_be_nested() =>
        Expect.Diagnostic(
            "EMB0002", "'Model' declares a model inside 'Outer'",
            "partial class Outer { [Transformer] public sealed partial class «Model»; }");

    [Fact]
    public void A_class_must_not_be_generic() =>
        Expect.Diagnostic("EMB0003", "'Model' declares a model but has type parameters", "[Transformer] partial class «Model»<T>;");

    [Fact]
    public void A_class_must_not_be_static() =>
        Expect.Diagnostic("EMB0004", "remove the modifier 'static'", "[Transformer] static partial class «Model»;");

    [Fact]
    public void A_class_must_not_be_abstract() =>
        Expect.Diagnostic("EMB0005", "remove the modifier 'abstract'", "[Transformer] abstract partial class «Model»;");

    [Fact]
    public void A_model_must_not_be_a_record() =>
        Expect.Diagnostic("EMB0006", "Record 'Model' declares a model", "[Transformer] partial record «Model»;");

    [Fact]
    public void A_class_must_not_be_file_local() =>
        Expect.Diagnostic("EMB0007", "replace the modifier 'file' by 'internal'", "[Transformer] file partial class «Model»;");

    [Fact]
    public void A_class_must_not_be_named_by_a_keyword() =>
        Expect.Diagnostic("EMB0008", "'@event' declares a model but its name is a keyword", "[Transformer] partial class «@event»;");

    [Fact]
    public void A_class_must_not_derive_from_a_model() =>
        Expect.Diagnostic(
            "EMB0009", "write [VariantOf<Baseline>] instead",
            "[Transformer] partial class Baseline; class Between : Baseline; [Transformer] partial class «Model» : Between;");

    [Fact]
    public void A_class_must_not_have_a_member_named_Variant() =>
        Expect.Diagnostic("EMB0010", "'Model' has or inherits a member named 'Variant'", "[Transformer] partial class Model { int «Variant»; }");

    [Fact]
    public void A_class_must_not_inherit_a_member_named_Variant() =>
        Expect.Diagnostic(
            "EMB0010", "'Model' has or inherits a member named 'Variant'",
            "class Older { public int Variant; } class Base : Older; [Transformer] partial class «Model» : Base;");

    [Fact]
    public void A_private_member_of_a_base_class_may_be_named_Variant() =>
        Expect.None("class Base { private int Variant() => 1; public int Use() => Variant(); } [Transformer] partial class Model : Base;");

    [Theory]
    [InlineData("Variant", "has the name of the property that the generator adds to it")]
    [InlineData("DeclaredVariants", "has the name of the list of models that the generator prints")]
    public void A_class_must_not_have_the_name_of_what_is_generated(string name, string message) =>
        Expect.Diagnostic("EMB0014", message, $"[Transformer] partial class «{name}»;");

    [Fact]
    public void A_class_must_not_have_the_full_name_of_one_of_the_runtime() =>
        Expect.Diagnostic(
            "EMB0015", "'Embeddings.Cpu.MatMul' declares a model but the referenced assembly Embeddings.Runtime has",
            "namespace Embeddings.Cpu { [Transformer] partial class «MatMul»; }");

    [Fact]
    public void Full_names_must_differ_in_more_than_case() =>
        Expect.Diagnostic(
            "EMB0011", "'A.@event.Model' and 'a.EVENT.model' differ in upper and lower case only",
            "namespace A.@event { [Transformer] partial class «Model»; } namespace a.EVENT { [VariantOf<A.@event.Model>] partial class «model»; }");

    [Fact]
    public void Names_must_differ_in_more_than_case() =>
        Expect.Diagnostic(
            "EMB0011", "'Model' and 'MODEL' differ in upper and lower case only",
            "[Transformer] partial class «Model»; [VariantOf<Model>] partial class «MODEL»;");

    [Fact]
    public void Names_that_differ_in_case_are_allowed_where_one_is_no_model() =>
        Expect.None("[Transformer] partial class Model; class MODEL; namespace Other { [Transformer] partial class model; }");

    [Fact]
    public void The_project_must_allow_unsafe_code()
    {
        CSharpCompilation compilation = GeneratorHarness.Compile("[Transformer] partial class Model;");
        GeneratorRun run = GeneratorRun.Of(
            GeneratorHarness.CreateDriver(), compilation.WithOptions(compilation.Options.WithAllowUnsafe(false)));

        Assert.Equal(("EMB0012", "File0.cs", 28, "Model"), Expect.Describe(Assert.Single(run.Diagnostics)));
        Assert.Contains("<AllowUnsafeBlocks>true</AllowUnsafeBlocks>", run.Diagnostics[0].GetMessage());
        Assert.Empty(run.Files);
    }

    [Fact]
    public void The_project_must_not_use_an_old_language()
    {
        CSharpCompilation compilation = GeneratorHarness.Compile();
        compilation = compilation.RemoveAllSyntaxTrees().AddSyntaxTrees(GeneratorHarness.ParseFile(
            "[Embeddings.Transformer] partial class Model { }", "Old.cs", LanguageVersion.CSharp11));
        GeneratorRun run = GeneratorRun.Of(GeneratorHarness.CreateDriver(), compilation);

        Assert.Equal(("EMB0013", "Old.cs", 39, "Model"), Expect.Describe(Assert.Single(run.Diagnostics)));
        Assert.Contains("compiles C# 11.0", run.Diagnostics[0].GetMessage());
    }
}
