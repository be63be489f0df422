extern alias runtime;

using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>Whatever a class is called and wherever it stands, its generated code compiles, or a diagnostic says what to change.</summary>
public sealed class NameTests
{
    private const string Attributes = "[global::Embeddings.Transformer(Layers = 1, Width = 8, Heads = 2, Context = 4, "
        + "Positions = global::Embeddings.PositionKind.Rotary, KeyValueHeads = 1)]";

    /// <summary>Description, step, kernels and CUDA step.</summary>
    private const int FilesOfAModel = 4;

    /// <summary>Words that generated code uses as type parameters, members, locals or namespaces.</summary>
    private static readonly string[] s_words =
    [
        "T", "R", "Step", "Declared", "Layers", "Width", "Context", "Vocabulary", "Parameters", "Gradients", "Activations", "Losses", "Pool",
        "Batch", "Tokens", "Spelling", "At", "Residual", "Saved", "Forward", "Describe", "Name", "Description", "System", "Numerics", "Cpu",
        "Models", "Generated", "Generator", "Span", "Vector", "Math", "MathF", "Func", "Attribute", "Object", "String", "Type", "Index",
        "AttentionNormKernel", "Project", "IBinaryFloatingPointIeee754", "Ünïcödé", "_", "__", "_1",
    ];

    /// <summary>
    /// Keywords in some contexts, which may name a class. Not <c>nint</c>, which C# itself then takes for that name wherever the namespace
    /// is in scope.
    /// </summary>
    private static readonly string[] s_contextualKeywords =
    [
        "record", "var", "dynamic", "notnull", "unmanaged", "await", "async", "yield", "value", "get", "set", "init", "global",
        "partial", "where", "when", "with", "managed", "field", "file", "required", "scoped", "args", "nameof", "alias", "allows",
    ];

    /// <summary>Every public type of some namespaces of the runtime, and every member that a step inherits.</summary>
    private static IEnumerable<string> RuntimeNames(params string[] namespaces) => typeof(runtime::Embeddings.Models.Variant).Assembly
        .GetExportedTypes()
        .Where(type => namespaces.Contains(type.Namespace))
        .Select(type => type.Name)
        .Concat(typeof(runtime::Embeddings.Models.CompiledModel<float>)
            .GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(member => member.Name))
        .Select(name => name.Split('`')[0])
        .Where(SyntaxFacts.IsValidIdentifier)
        .Except(["Variant"])
        .Distinct();

    [Fact]
    public void A_class_may_have_the_name_of_anything_that_generated_code_uses()
    {
        string[] names = [.. RuntimeNames("Embeddings", "Embeddings.Cpu", "Embeddings.Models").Union(s_words)];
        Assert.Contains("MatMul", names);
        Assert.Contains("Rotary", names);
        Compiles(InNamespace("Laboratory", names));
    }

    [Fact]
    public void A_class_in_the_global_namespace_may_have_the_name_of_anything_that_generated_code_uses() =>
        Compiles(Models([.. RuntimeNames("Embeddings.Cpu").Union(s_words).Except(["Embeddings", "System", "Project"])]));

    [Fact]
    public void A_class_may_be_named_by_a_contextual_keyword() =>
        Compiles(InNamespace("Laboratory.record.@event", [.. s_contextualKeywords.Select(keyword => "@" + keyword)]));

    [Fact]
    public void Namespaces_may_have_the_names_of_types_and_namespaces_that_generated_code_uses() => Compiles(string.Concat(
        new[] { "Laboratory.System", "Laboratory.MatMul", "Laboratory.Embeddings.Cpu", "Embeddings", "Embeddings.Models.Lanes", "A.B.C.D.E", "@int.T" }
            .Select(space => InNamespace(space, ["Baseline", "Rotary", "Step"]))));

    [Fact]
    public void Members_of_the_class_may_have_the_names_of_anything_that_generated_code_uses() => Compiles($$"""
        namespace Laboratory;
        {{Attributes}}
        public sealed partial class Baseline
        {
            public int global, Embeddings, System, Models, Describe, Generated, Step, Laboratory;
            public class IVariant;
            public class ModelDescription;
        }
        """);

    [Fact]
    public void A_global_using_may_give_other_meanings_to_names_that_generated_code_uses() => Compiles(
        "global using MatMul = System.String; global using T = System.Int32; global using Lanes = Other.Lanes; global using static Other.Lanes;",
        "namespace Other { public static class Lanes { public static int Pool; public static void Residual(int layer) { } } }",
        InNamespace("Laboratory", ["Baseline"]));

    [Fact]
    public void An_obsolete_class_compiles_without_a_warning() =>
        Compiles($"namespace Laboratory; [System.Obsolete(\"old\")] {Attributes} public sealed partial class Baseline;");

    [Fact]
    public void Generated_code_is_documented_where_a_project_asks_for_it()
    {
        CSharpCompilation compilation = GeneratorHarness.Compile(
            $"/// <summary>A model.</summary>\n{Attributes} public partial class Baseline;");
        var options = (CSharpParseOptions)compilation.SyntaxTrees[0].Options;
        compilation = compilation.RemoveAllSyntaxTrees().AddSyntaxTrees(compilation.SyntaxTrees.Select(
            tree => tree.WithRootAndOptions(tree.GetRoot(), options.WithDocumentationMode(Microsoft.CodeAnalysis.DocumentationMode.Diagnose))));
        GeneratorRun.Of(GeneratorHarness.CreateDriver(), compilation).AssertCompiles();
    }

    [Theory]
    [InlineData(250)]
    [InlineData(500)]
    public void A_very_long_name_compiles_and_its_files_have_names_that_a_file_system_takes(int length)
    {
        string one = new string('A', length - 1) + "1";
        string two = new string('A', length - 1) + "2";
        string umlauts = new('Ä', length);
        GeneratorRun run = Compiles(InNamespace("Laboratory", [one, two, umlauts]));

        Assert.Equal(3 * FilesOfAModel + 1, run.Files.Count);
        Assert.All(run.Files.Keys, name => Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 200));
    }

    [Fact]
    public void Classes_of_the_same_name_in_different_namespaces_are_different_models()
    {
        GeneratorRun run = Compiles(InNamespace("A", ["Model"]) + InNamespace("B", ["Model"]) + InNamespace("A.B", ["Model"]) + Models(["Model"]));

        Assert.Equal(4 * FilesOfAModel + 1, run.Files.Count);
        Assert.Contains("global::A.B.Model.Variant", run.Files["DeclaredVariants.g.cs"]);
    }

    private static GeneratorRun Compiles(params string[] sources)
    {
        GeneratorRun run = GeneratorHarness.Run(sources);
        Assert.Null(run.Result.Exception);
        Assert.Empty(run.Diagnostics);
        return run.AssertCompiles();
    }

    private static string InNamespace(string space, IReadOnlyList<string> names) => $"namespace {space}\n{{\n{Models(names)}}}\n";

    private static string Models(IReadOnlyList<string> names) =>
        string.Concat(names.Select(name => $"{Attributes} public sealed partial class {name};\n"));
}
