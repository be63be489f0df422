extern alias runtime;

using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Embeddings.Generator.Tests;

/// <summary>
/// Runs the generator on source text, as the compiler does: a project with the running framework, Embeddings.Runtime, unsafe code and
/// the usual global usings.
/// </summary>
internal static class GeneratorHarness
{
    private const string GlobalUsings = "global using System;\nglobal using Embeddings;\n";

    private static readonly CSharpParseOptions s_parseOptions = new(LanguageVersion.CSharp12, DocumentationMode.Diagnose);

    private static readonly CSharpCompilationOptions s_compilationOptions = new(
        OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable,
        optimizationLevel: OptimizationLevel.Release);

    private static readonly ImmutableArray<MetadataReference> s_references = FindReferences();

    /// <summary>Runs the generator on files of a project and returns everything that came of it.</summary>
    public static GeneratorRun Run(params string[] sources) => GeneratorRun.Of(CreateDriver(), Compile(sources));

    /// <summary>Runs the generator with another back end.</summary>
    public static GeneratorRun Run(Func<ModelSpec, CancellationToken, CompilationResult> compile, params string[] sources) =>
        GeneratorRun.Of(CreateDriver(compile), Compile(sources));

    /// <summary>The specs that the parser hands to the back end, by the name of the class.</summary>
    public static IReadOnlyDictionary<string, ModelSpec> Parse(params string[] sources)
    {
        var backEnd = new RecordingBackEnd();
        GeneratorRun run = Run(backEnd.Compile, sources);
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        return backEnd.Compiled.ToDictionary(spec => spec.Type.FullName);
    }

    /// <summary>A compilation of files, named File0.cs, File1.cs and so on.</summary>
    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "Project",
        sources.Select((source, index) => ParseFile(source, $"File{index}.cs")).Append(ParseFile(GlobalUsings, "GlobalUsings.cs")),
        s_references,
        s_compilationOptions);

    /// <summary>Emits a compilation that has neither errors nor warnings, and loads it.</summary>
    public static Assembly Load(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        string[] found = [.. result.Diagnostics.Where(each => each.Severity >= DiagnosticSeverity.Warning).Select(GeneratorRun.Describe)];
        Assert.True(result.Success && found.Length == 0, string.Join('\n', found));
        image.Position = 0;
        return new AssemblyLoadContext(compilation.AssemblyName, isCollectible: true).LoadFromStream(image);
    }

    /// <summary>The syntax tree of one file.</summary>
    public static SyntaxTree ParseFile(string source, string path, LanguageVersion version = LanguageVersion.CSharp12) =>
        CSharpSyntaxTree.ParseText(source, s_parseOptions.WithLanguageVersion(version), path, System.Text.Encoding.UTF8);

    /// <summary>A driver that records the reasons of its incremental steps.</summary>
    /// <param name="compile">Another back end than the generator's own.</param>
    /// <param name="rootNamespace">The MSBuild property RootNamespace; null when the project does not have it.</param>
    public static GeneratorDriver CreateDriver(
        Func<ModelSpec, CancellationToken, CompilationResult>? compile = null, string? rootNamespace = "Project") =>
        CSharpGeneratorDriver.Create(
            [(compile is null ? new EmbeddingsGenerator() : new EmbeddingsGenerator(compile)).AsSourceGenerator()],
            additionalTexts: null,
            s_parseOptions,
            new BuildProperties(rootNamespace),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>
    /// The framework that runs the test, and the runtime. Not everything that the platform trusts: the generator's own assembly has the
    /// attributes too.
    /// </summary>
    private static ImmutableArray<MetadataReference> FindReferences()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return trusted.Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == framework)
            .Append(typeof(runtime::Embeddings.Models.Variant).Assembly.Location)
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToImmutableArray();
    }
}
