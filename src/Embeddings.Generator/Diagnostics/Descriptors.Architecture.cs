using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <content>The network and its tokenizer.</content>
internal static partial class Descriptors
{
    public static readonly DiagnosticDescriptor SizeOutOfRange = new(
        "EMB0101",
        "A size is out of range",
        "{0} is {1}; give a number from {2} to {3}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor WidthNotDivisibleByHeads = new(
        "EMB0102",
        "The width must be a multiple of the number of heads",
        "Width {0} is not a multiple of Heads {1}; use a width of {2} or another number of heads",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor HeadsNotDivisibleByKeyValueHeads = new(
        "EMB0103",
        "The number of heads must be a multiple of the number of key-value heads",
        "KeyValueHeads {0} does not divide Heads {1}; use 0 (as many as heads) or one of {2}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor RotaryHeadWidthOdd = new(
        "EMB0104",
        "Rotary positions need an even head width",
        "Rotary positions rotate pairs of channels but the head width {0} / {1} = {2} is odd; change Width or Heads, or use Learned or None positions",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor FeedForwardWidthOutOfRange = new(
        "EMB0105",
        "The feed-forward width is out of range",
        "FeedForwardWidth is {0}; give a number from {1} to {2}, or 0 for the default width",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor LogitSoftCapNegative = new(
        "EMB0106",
        "The logit soft-cap must not be negative",
        "LogitSoftCap is {0}; give a number above 0, or 0 for no cap",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor VocabularySizeOutOfRange = new(
        "EMB0107",
        "The vocabulary size is out of range",
        "VocabularySize is {0}; give a number from {1} (the bytes alone) to {2}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor TiedHeadWithoutTable = new(
        "EMB0108",
        "A tied head needs a learned input table",
        "The head is tied to the input table but {0} embeddings have no learned table; use HeadKind.Untied or EmbeddingKind.Table",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor SpellingPositionsOutOfRange = new(
        "EMB0109",
        "The number of spelling positions is out of range",
        "SpellingPositions is {0}; give a number from 1 to {1}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor QueryKeyNormOfOneChannel = new(
        "EMB0130",
        "A norm of queries and keys needs heads of two channels",
        "QueryKeyNorm would leave only the sign of each query and key because the head width {0} / {1} is 1; use fewer heads or a larger width, or no QueryKeyNorm",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor SpellingPositionsUnused = new(
        "EMB0110",
        "The spelling positions have no effect",
        "SpellingPositions has no effect on {0} embeddings, which do not tell byte positions apart; remove it or use Composed or ComposedPermuted",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor PatternInvalid = new(
        "EMB0140",
        "The pre-tokenisation pattern cannot be used",
        "The pattern is not a regular expression that can cut text: {0}; correct it or use PreTokenization",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor PatternNotSpecialised = new(
        "EMB0141",
        "The pre-tokenisation pattern is not compiled to a scanner",
        "The pattern is like none of the standard ones, so a compiled regular expression cuts text: the result is the same, the speed about a tenth",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor SpecialTokenInvalid = new(
        "EMB0142",
        "A special token cannot be used",
        "The special token '{0}' {1}; give each its own text",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor ListedWordInvalid = new(
        "EMB0143",
        "A word of the list cannot be used",
        "The word '{0}' {1}; give different words of at least two bytes",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);

    public static readonly DiagnosticDescriptor TokenizerPathEmpty = new(
        "EMB0144",
        "The tokenizer's file is not named",
        "The path of the tokenizer's file is empty; give a tokenizer.json, a file of tiktoken ranks or another vocabulary",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
