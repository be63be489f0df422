using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>The optimizer step and its schedule.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor LearningRateNotPositive = new(
        "EMB0201",
        "The learning rate must be positive",
        "LearningRate is {0}; give a number above 0",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor BetaOutOfRange = new(
        "EMB0202",
        "The decay of a moment is out of range",
        "{0} is {1}; give a number from 0 to below 1",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor EpsilonNotPositive = new(
        "EMB0203",
        "Epsilon must be positive",
        "Epsilon is {0}; give a number above 0",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor WeightDecayNegative = new(
        "EMB0204",
        "The weight decay must not be negative",
        "WeightDecay is {0}; give a number above 0, or 0 for no decay",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor WarmupFractionOutOfRange = new(
        "EMB0205",
        "The warm-up fraction is out of range",
        "WarmupFraction is {0}; give a share of the run from 0 to below 1",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor DecayFractionOutOfRange = new(
        "EMB0206",
        "The decay fraction is out of range",
        "DecayFraction is {0}; give a share of the run above 0 and up to 1",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FinalFractionOutOfRange = new(
        "EMB0207",
        "The final fraction is out of range",
        "FinalFraction is {0}; give a share of the peak learning rate from 0 to 1",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor WarmupAndDecayOverlap = new(
        "EMB0208",
        "Warm-up and decay overlap",
        "WarmupFraction {0} and DecayFraction {1} are together more than the whole run; make their sum at most 1",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ScheduleSettingUnused = new(
        "EMB0209",
        "A setting of the schedule has no effect",
        "{0} has no effect on schedule {1}; remove it or use {2}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor ClipNormNegative = new(
        "EMB0210",
        "The gradient norm to clip at must not be negative",
        "ClipNorm is {0}; give a number above 0, or 0 for no clipping",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor OptimizerOfTiedHead = new(
        "EMB0211",
        "The optimizer of a tied head has no effect",
        "The optimizer of OutputHead has no effect because the tied head has no parameters of its own; set the shared table's with ParameterGroup.InputEmbedding",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor OptimizerOfFrozenEmbedding = new(
        "EMB0212",
        "The optimizer of a frozen embedding has no effect",
        "The optimizer of InputEmbedding has no effect because {0} rows are never trained; remove it or use another kind of embedding",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor TooManyTokensInPass = new(
        "EMB0213",
        "A pass has too many tokens",
        "BatchSize {0} times Context {1} is {2} tokens in one pass; make it at most {3}, for example with AccumulationSteps in place of BatchSize",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
