using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>Options of the block, and captures.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor WindowOutOfRange = new(
        "EMB0111",
        "The attention window is out of range",
        "The window of {0} positions does not fit Context {1}; give a number from 1 to {1}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor WindowPatternInvalid = new(
        "EMB0112",
        "The pattern of windows is not made of L and G",
        "Pattern \"{0}\" must have a letter for each layer of a period, L (window) or G (all earlier positions), and at least one L",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FeedForwardRatioOutOfRange = new(
        "EMB0113",
        "The feed-forward ratio is out of range",
        "FeedForwardRatio is {0}; give a number above 0 that makes a hidden width from 2 to {1}, or 0 to use FeedForwardWidth",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FeedForwardSaidTwice = new(
        "EMB0114",
        "The feed-forward width is said twice",
        "FeedForwardWidth {0} and FeedForwardRatio {1} both say how wide the feed-forward sub-layer is; set one of them to 0",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ResidualScaleNotPositive = new(
        "EMB0115",
        "The residual scale must be positive",
        "ResidualScale is {0}; give a number above 0, or 1 for none",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ValuePatternInvalid = new(
        "EMB0150",
        "The pattern of value embeddings is not made of V and N",
        "Pattern \"{0}\" must have a letter for each layer of a period, V (a table) or N (none), and give one of the {1} layers a V",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor CapturePointsUndefined = new(
        "EMB0308",
        "The capture points are not defined",
        "Points = {0} has bits that name no capture point; combine EmbeddingGradient, States and Logits",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
