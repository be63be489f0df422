using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Embeddings.Generator.Tests;

/// <summary>What came of one run of the generator.</summary>
/// <param name="Driver">The driver after the run; another run with it is incremental.</param>
/// <param name="Compilation">The project with the generated files.</param>
/// <param name="Diagnostics">What the generator reported, after <c>#pragma</c>, in the order of the source.</param>
internal sealed record GeneratorRun(GeneratorDriver Driver, CSharpCompilation Compilation, ImmutableArray<Diagnostic> Diagnostics)
{
    private const string MissingComment = "CS1591";

    /// <summary>Sources, tracked steps and timing of the run.</summary>
    public GeneratorRunResult Result => Driver.GetRunResult().Results.Single();

    /// <summary>The generated files by hint name.</summary>
    public IReadOnlyDictionary<string, string> Files =>
        Result.GeneratedSources.ToDictionary(file => file.HintName, file => file.SourceText.ToString());

    public static GeneratorRun Of(GeneratorDriver driver, CSharpCompilation compilation)
    {
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics);
        diagnostics = diagnostics.RemoveAll(diagnostic => diagnostic.IsSuppressed).Sort(BySource);
        return new GeneratorRun(driver, (CSharpCompilation)output, diagnostics);
    }

    /// <summary>Runs the same driver again after an edit.</summary>
    public GeneratorRun Again(params string[] sources) => Of(Driver, GeneratorHarness.Compile(sources));

    /// <summary>
    /// Fails on every warning and error of the compiler and shows its line. Generated code must also be documented wherever a project
    /// with a documentation file asks for it; the tests' own sources need not.
    /// </summary>
    public GeneratorRun AssertCompiles()
    {
        string[] found = Compilation.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && !(diagnostic.Id == MissingComment && !IsGenerated(diagnostic)))
            .Select(Describe)
            .ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
        return this;
    }

    /// <summary>Compiles the project with the generated files and loads it.</summary>
    public Assembly Load()
    {
        AssertCompiles();
        return GeneratorHarness.Load(Compilation);
    }

    private bool IsGenerated(Diagnostic diagnostic) => Result.GeneratedSources.Any(file => file.SyntaxTree == diagnostic.Location.SourceTree);

    public static string Describe(Diagnostic diagnostic)
    {
        string line = diagnostic.Location.SourceTree is { } tree
            ? tree.GetText().Lines[diagnostic.Location.GetLineSpan().StartLinePosition.Line].ToString()
            : string.Empty;
        return $"{diagnostic}\n    {line.Trim()}";
    }

    private static int BySource(Diagnostic left, Diagnostic right)
    {
        int byPath = string.CompareOrdinal(left.Location.SourceTree?.FilePath, right.Location.SourceTree?.FilePath);
        int bySpan = left.Location.SourceSpan.CompareTo(right.Location.SourceSpan);
        return byPath != 0 ? byPath : bySpan != 0 ? bySpan : string.CompareOrdinal(left.Id, right.Id);
    }
}
