using System;
using System.Linq;
using System.Threading;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// From attributes to a spec: walk the chain of variants, resolve every property by itself, check the rules, and keep values only.
/// </summary>
internal static class DeclarationParser
{
    /// <summary>Attributes that say something of a model but declare none.</summary>
    public static readonly Type[] SettingsAttributes =
    [
        typeof(InputEmbeddingAttribute), typeof(OutputHeadAttribute), typeof(TrainingAttribute), typeof(LearningRateScheduleAttribute),
        typeof(AdamWAttribute), typeof(GradientRoutesAttribute), typeof(CaptureAttribute), typeof(SlidingWindowAttribute),
        typeof(HashedNgramsAttribute), typeof(SuffixRowsAttribute), typeof(MuonAttribute), typeof(ValueEmbeddingsAttribute),
        typeof(FutureTargetsAttribute), typeof(SecondInputTableAttribute),
        typeof(BytesAttribute), typeof(ByteLevelBpeAttribute),
        typeof(RandomMergesAttribute), typeof(WordListAttribute), typeof(TokenizerFileAttribute),
    ];

    /// <summary>Parses a class that has <c>[Transformer]</c>; null when it is a variant, which the other branch parses.</summary>
    public static ParsedDeclaration? ParseTransformer(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) =>
        new Declaration((INamedTypeSymbol)context.TargetSymbol).VariantOf is null ? Parse(context, cancellation) : null;

    /// <summary>Parses a class that has <c>[Transformer]</c> or <c>[VariantOf&lt;TBase&gt;]</c>.</summary>
    public static ParsedDeclaration Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var declaration = new Declaration((INamedTypeSymbol)context.TargetSymbol);
        var syntax = (TypeDeclarationSyntax)context.TargetNode;
        TypeSpec type = ClassRules.ToSpec(declaration.Type);
        Location identifier = syntax.Identifier.GetLocation();
        Location attribute = context.Attributes[0].ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation() ?? identifier;
        var reporter = new Reporter(declaration.Type, identifier, attribute);
        try
        {
            ClassRules.Check(declaration.Type, syntax, (CSharpCompilation)context.SemanticModel.Compilation, reporter);
            ModelSpec? spec = ParseSettings(declaration, type, reporter, cancellation);
            return new ParsedDeclaration(type.FullName, identifier, spec, reporter.Diagnostics);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            DiagnosticInfo failure = DiagnosticInfo.OfFailure(identifier, type.FullName, nameof(Parse), exception.ToString());
            return new ParsedDeclaration(type.FullName, identifier, Spec: null, EquatableArray.Of(failure));
        }
    }

    /// <summary>Reports a settings attribute on a class that declares no model; the first kind stands for the others.</summary>
    public static DiagnosticInfo? ParseOrphan(GeneratorAttributeSyntaxContext context, Type attribute)
    {
        var declaration = new Declaration((INamedTypeSymbol)context.TargetSymbol);
        if (declaration.IsModel || attribute != SettingsAttributes.First(each => declaration.Find(each) is not null))
        {
            return null;
        }

        Location location = new Application(declaration, context.Attributes[0]).Location ?? context.TargetNode.GetLocation();
        string name = attribute.Name.Substring(0, attribute.Name.Length - nameof(Attribute).Length);
        return new DiagnosticInfo(
            Descriptors.SettingsWithoutDeclaration, location, EquatableArray.Of(name, declaration.Type.Name));
    }

    private static ModelSpec? ParseSettings(
        Declaration declaration, TypeSpec type, Reporter reporter, CancellationToken cancellation)
    {
        if (InheritanceChain.Walk(declaration, reporter) is not { } chain)
        {
            return null;
        }

        cancellation.ThrowIfCancellationRequested();
        ArchitectureSettings architecture = ArchitectureSettings.Read(chain);
        TokenizerSettings tokenizer = TokenizerSettings.Read(chain);
        TrainingSettings training = TrainingSettings.Read(chain);
        RoutesSettings routes = RoutesSettings.Read(chain);
        BlockSettings block = BlockSettings.Read(chain);
        EmbeddingSettings embedding = EmbeddingSettings.Read(chain);
        FutureSettings future = FutureSettings.Read(chain);
        Setting<CapturePoints> captures = Setting<CapturePoints>.Resolve(
            chain.Applications(typeof(CaptureAttribute)), nameof(CaptureAttribute.Points), Defaults.Capture.Points);

        ArchitectureRules.Check(architecture, reporter);
        tokenizer.Check(chain, reporter);
        TrainingRules.Check(training, architecture, reporter);
        OptimizerRules.Check(chain, training, architecture, reporter);
        RoutesRules.Check(routes, architecture, training, reporter);
        BlockRules.Check(block, architecture, routes, reporter);
        EmbeddingRules.Check(embedding, architecture, tokenizer, reporter);
        FutureRules.Check(future, architecture, routes, reporter);
        CheckCaptures(captures, architecture, reporter);

        return reporter.HasErrors
            ? null
            : new ModelSpec(
                type, future.AddTo(embedding.AddTo(block.AddTo(architecture.ToSpec()))), tokenizer.ToSpec(),
                training.ToSpec(architecture.Width.Value, tokenizer.Entries))
            {
                Routes = routes.ToSpec(),
                Captures = captures.Value,
            };
    }

    private static void CheckCaptures(Setting<CapturePoints> captures, ArchitectureSettings architecture, Reporter reporter)
    {
        if ((captures.Value & CapturePoints.Logits) != 0 && architecture.Head.Value == HeadKind.Bytes)
        {
            reporter.Report(Descriptors.BytesHeadWithoutLogits, [captures, architecture.Head]);
        }

        const CapturePoints All = CapturePoints.EmbeddingGradient | CapturePoints.States | CapturePoints.Logits;
        if ((captures.Value & ~All) != 0)
        {
            reporter.Report(Descriptors.CapturePointsUndefined, captures, (int)captures.Value);
        }
    }
}
