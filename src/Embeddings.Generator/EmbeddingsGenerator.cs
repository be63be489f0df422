using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using System.Threading;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Embeddings.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Embeddings.Generator;

/// <summary>
/// Compiles every class with <c>[Transformer]</c> or <c>[VariantOf&lt;TBase&gt;]</c> into its training step.
/// <code>
/// class ─► ParsedDeclaration ─┬─► ModelSpec ─► CompiledModel ─┬─► public files
///                             │                               ├─► implementation files
///                             │                               └─► DeclaredVariants
///                             └─► diagnostics, with their locations
/// </code>
/// Everything right of the first arrow is compared by value. Locations stay in the lower branch, so that an edit that only moves a class
/// reports its diagnostics again and generates nothing again.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class EmbeddingsGenerator : IIncrementalGenerator
{
    private readonly Func<ModelSpec, CancellationToken, CompilationResult> _compile;

    /// <summary>Makes the generator as the C# compiler loads it.</summary>
    public EmbeddingsGenerator()
        : this(Compiler.Compile)
    {
    }

    /// <summary>Makes a generator with another back end, for tests of this pipeline.</summary>
    internal EmbeddingsGenerator(Func<ModelSpec, CancellationToken, CompilationResult> compile) => _compile = compile;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var transformers = Classes(context, typeof(TransformerAttribute), DeclarationParser.ParseTransformer);
        var variants = Classes(context, typeof(VariantOfAttribute<>), DeclarationParser.Parse);

        var names = Generate(context, transformers).Collect()
            .Combine(Generate(context, variants).Collect())
            .Select((pair, _) => DeclaredVariants.Order(pair.Left, pair.Right))
            .Combine(DeclaredVariants.RootNamespace(context))
            .WithTrackingName(Steps.DeclaredVariants);
        context.RegisterSourceOutput(names, (output, pair) => Add(output, DeclaredVariants.Print(pair.Left, pair.Right)));

        foreach (Type attribute in DeclarationParser.SettingsAttributes)
        {
            var orphans = Classes(context, attribute, (each, _) => DeclarationParser.ParseOrphan(each, attribute))
                .WithTrackingName(Steps.Diagnostics);
            context.RegisterSourceOutput(orphans, (output, orphan) => output.ReportDiagnostic(orphan.ToDiagnostic()));
        }
    }

    /// <summary>What a parser makes of every class that has an attribute.</summary>
    private static IncrementalValuesProvider<T> Classes<T>(
        IncrementalGeneratorInitializationContext context,
        Type attribute,
        Func<GeneratorAttributeSyntaxContext, CancellationToken, T?> parse)
        where T : class =>
        context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute.FullName, (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax, parse)
            .Where(parsed => parsed is not null)
            .Select((parsed, _) => parsed!);

    /// <summary>Registers the outputs of some declarations and returns the full names of the classes that were compiled.</summary>
    private IncrementalValuesProvider<string> Generate(
        IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ParsedDeclaration> declarations)
    {
        var compiled = declarations
            .Where(declaration => declaration.Spec is not null)
            .Select((declaration, _) => declaration.Spec!)
            .WithTrackingName(Steps.Specs)
            .Select(Compile)
            .WithTrackingName(Steps.CompiledModels);

        context.RegisterSourceOutput(
            compiled.Select((model, _) => model.Result.PublicFiles).WithTrackingName(Steps.PublicFiles), Add);
        context.RegisterImplementationSourceOutput(
            compiled.Select((model, _) => model.Result.ImplementationFiles).WithTrackingName(Steps.ImplementationFiles), Add);

        var failures = compiled.Where(model => model.Result.Failure is not null).Collect();
        var diagnostics = declarations.Combine(failures).SelectMany((pair, _) => Diagnostics(pair.Left, pair.Right));
        context.RegisterSourceOutput(
            diagnostics.WithTrackingName(Steps.Diagnostics), (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));

        return compiled.Where(model => model.Result.Failure is null).Select((model, _) => model.FullName);
    }

    /// <summary>Compiles one model. A failure is a result like any other, so that one defect does not take all other models away.</summary>
    private CompiledModel Compile(ModelSpec spec, CancellationToken cancellation)
    {
        try
        {
            return new CompiledModel(spec.Type.FullName, _compile(spec, cancellation));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new CompiledModel(
                spec.Type.FullName, new CompilationResult(default, default, nameof(Compile), $"{exception.GetType().Name}: {exception.Message}"));
        }
    }

    /// <summary>The diagnostics of a declaration, and of its compilation if that failed.</summary>
    private static IEnumerable<DiagnosticInfo> Diagnostics(ParsedDeclaration declaration, ImmutableArray<CompiledModel> failures) =>
        declaration.Diagnostics.Concat(failures
            .Where(failure => declaration.Spec is not null && failure.FullName == declaration.FullName)
            .Select(failure => DiagnosticInfo.OfFailure(
                declaration.Location, declaration.FullName, failure.Result.FailedPass, failure.Result.Failure)));

    private static void Add(SourceProductionContext output, EquatableArray<GeneratedFile> files)
    {
        foreach (GeneratedFile file in files)
        {
            output.AddSource(file.HintName, SourceText.From(file.Text, Encoding.UTF8));
        }
    }

    /// <summary>A compiled model with the name of its class.</summary>
    private sealed record CompiledModel(string FullName, CompilationResult Result);

    /// <summary>Names of the pipeline's steps, as the incrementality tests see them.</summary>
    internal static class Steps
    {
        public const string Specs = nameof(Specs);
        public const string CompiledModels = nameof(CompiledModels);
        public const string PublicFiles = nameof(PublicFiles);
        public const string ImplementationFiles = nameof(ImplementationFiles);
        public const string DeclaredVariants = nameof(DeclaredVariants);
        public const string Diagnostics = nameof(Diagnostics);
    }
}
