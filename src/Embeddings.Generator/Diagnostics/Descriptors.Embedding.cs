using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>Options of the input rows.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor RankOutOfRange = new(
        "EMB0116",
        "The rank is out of range",
        "Rank is {0}; give a number from 1 to Width {1}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor EmbeddingOptionUnused = new(
        "EMB0117",
        "A setting of embedding or head has no effect",
        "{0} has no effect because {1}, or remove it",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor InputVocabularyOutOfRange = new(
        "EMB0118",
        "The input vocabulary is out of range",
        "The input vocabulary has {0} entries; give a number from 2 to {1}, or 0 for that of the tokenizer",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor TiedHeadOfOtherVocabulary = new(
        "EMB0119",
        "A tied head needs one vocabulary",
        "The head is tied to an input table of another vocabulary than its own; use HeadKind.Untied or remove VocabularySize",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NgramRowsOutOfRange = new(
        "EMB0120",
        "The number of n-gram rows is out of range",
        "A table of {0} n-gram rows is not possible; give a number from 1 to {1}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NgramRowsShareFactor = new(
        "EMB0121",
        "The number of n-gram rows has a factor in common with the vocabulary",
        "{0} n-gram rows and a vocabulary of {1} have the factor {2} in common, so that n-grams collide by their last tokens; use {3}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NgramOrderOutOfRange = new(
        "EMB0122",
        "The order of n-grams is out of range",
        "Order is {0}; give a number from 2 to {1}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor SuffixVocabularyOutOfRange = new(
        "EMB0123",
        "The vocabulary of suffixes is out of range",
        "The vocabulary of suffixes has {0} entries; give a number from {1} (the bytes alone) to {2}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor SuffixesNeedBytes = new(
        "EMB0124",
        "Suffix rows need bytes as inputs",
        "Suffix rows stand at byte positions; declare [Bytes] and no input vocabulary, or remove [SuffixRows]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor UntyingStepOutOfRange = new(
        "EMB0125",
        "The step at which the head is untied is out of range",
        "UntiesAfter is {0}; give a number of steps of at least 1, or use HeadKind.Untied",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor SecondVocabularyOutOfRange = new(
        "EMB0155",
        "The vocabulary of the second input table is out of range",
        "The second input vocabulary has {0} entries; give a number from {1} (the bytes alone) to {2}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor WarmupStepsNegative = new(
        "EMB0214",
        "The warm-up steps must not be negative",
        "WarmupSteps is {0}; give a number of steps, or 0 for none",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor NewtonSchulzIterationsOutOfRange = new(
        "EMB0215",
        "The number of Newton-Schulz iterations is out of range",
        "Iterations is {0}; give a number from 1 to {1}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
