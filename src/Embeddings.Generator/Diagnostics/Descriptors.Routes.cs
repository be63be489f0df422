using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>Gradient routes.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor RouteOfTiedTable = new(
        "EMB0301",
        "A gradient route needs input rows of their own",
        "{0} routes the gradient of the input rows, but the tied head trains the same table with a gradient that no route cuts; use HeadKind.Untied",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor RouteOfFrozenRows = new(
        "EMB0302",
        "A gradient route needs learned input rows",
        "{0} routes the gradient of the input rows, but {1} rows are never trained; remove it or use a learned kind of embedding",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor DistanceOutOfRange = new(
        "EMB0303",
        "The distance of a gradient route is out of range",
        "Distance is {0}; give a number from 0 (own position) to {1} (one less than Context)",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor TableStopNegative = new(
        "EMB0304",
        "The step after which input rows stop must not be negative",
        "TableStopsAfter is {0}; give a number of steps, or 0 to train the rows to the end",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor PermutedTargetsOfOneSequence = new(
        "EMB0305",
        "Permuted targets need several sequences",
        "CrossPositionPermuted moves targets to other sequences of the pass but BatchSize is 1; make it at least 2",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NoGradientAcrossPositions = new(
        "EMB0306",
        "No gradient crosses positions",
        "Table = {0} asks for the gradient across positions, which {1} = false cuts; remove one of the two",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor RecomputedNearby = new(
        "EMB0309",
        "A gradient route by distance needs the activations of every layer",
        "Table = Nearby reads what each layer kept for every distance, which Recompute = true does not keep; remove one of the two",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor RouteWithoutEffect = new(
        "EMB0307",
        "A setting of the gradient routes has no effect",
        "{0} has no effect because {1}; remove it",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
