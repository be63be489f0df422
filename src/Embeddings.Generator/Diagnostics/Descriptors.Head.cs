using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>What training predicts.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor FutureTargetsOutOfRange = new(
        "EMB0151",
        "The number of further targets is out of range",
        "A position cannot have {0} further targets; give a number from 1 to {1}, which Context {2} allows, or remove [FutureTargets]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FutureWeightNotPositive = new(
        "EMB0152",
        "The weight of further targets must be positive",
        "Weight is {0}; give a number above 0, or remove [FutureTargets]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FutureFalloffOutOfRange = new(
        "EMB0153",
        "The falloff of further targets is out of range",
        "Falloff is {0}; give a number above 0 and at most 1, which keeps the weight",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor BytesHeadWithoutLogits = new(
        "EMB0156",
        "A head of bytes has no logits of tokens",
        "A head of bytes computes no logits that a pass could keep; remove CapturePoints.Logits or use HeadKind.Untied",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FutureTargetsPermuted = new(
        "EMB0154",
        "Permuted targets have no targets further ahead",
        "Table = CrossPositionPermuted moves single targets between sequences, where nothing is further ahead; use another route or remove [FutureTargets]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
