using System;
using System.Linq;
using System.Text.RegularExpressions;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Embeddings.Generator.Tokenization;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// The resolved tokenizer. The nearest <c>[Bytes]</c> or <c>[ByteLevelBpe]</c> decides the kind and hides everything said of the other
/// kind beyond it; with neither, every byte is a token.
/// </summary>
internal sealed record TokenizerSettings(
    TokenizerKind Kind, Setting<int> VocabularySize, Setting<PreTokenization> PreTokenization, Setting<string> Pattern)
{
    public static TokenizerSettings Read(InheritanceChain chain)
    {
        Application[] pairs = chain.ApplicationsUntil(typeof(ByteLevelBpeAttribute), typeof(BytesAttribute)).ToArray();
        return new TokenizerSettings(
            pairs.Length > 0 ? TokenizerKind.ByteLevelBpe : TokenizerKind.Bytes,
            Setting<int>.Resolve(pairs, nameof(ByteLevelBpeAttribute.VocabularySize), Defaults.ByteLevelBpe.VocabularySize),
            Setting<PreTokenization>.Resolve(
                pairs, nameof(ByteLevelBpeAttribute.PreTokenization), Defaults.ByteLevelBpe.PreTokenization),
            Setting<string>.Resolve(
                PatternsOf(pairs), nameof(ByteLevelBpeAttribute.Pattern), Defaults.ByteLevelBpe.Pattern));
    }

    /// <summary>Entries in all.</summary>
    public int Entries => Kind == TokenizerKind.Bytes ? Limits.ByteValues : VocabularySize.Value;

    public void Check(InheritanceChain chain, Reporter reporter)
    {
        if (chain.Own.Find(typeof(BytesAttribute)) is not null && chain.Own.Find(typeof(ByteLevelBpeAttribute)) is { } pairs)
        {
            reporter.Report(
                Descriptors.TwoTokenizers, new Application(chain.Own, pairs).Location ?? reporter.DeclarationLocation, chain.Own.Type.Name);
        }

        if (VocabularySize.Value < Limits.ByteValues || VocabularySize.Value > Limits.VocabularySize)
        {
            reporter.Report(
                Descriptors.VocabularySizeOutOfRange, VocabularySize, VocabularySize.Value, Limits.ByteValues, Limits.VocabularySize);
        }

        Rules.Defined(PreTokenization, reporter);
        CheckPattern(reporter);
    }

    public TokenizerSpec ToSpec() => Kind == TokenizerKind.Bytes
        ? new TokenizerSpec(Kind, Limits.ByteValues, Embeddings.PreTokenization.None)
        : new TokenizerSpec(Kind, VocabularySize.Value, PreTokenization.Value, Pattern.Value);

    /// <summary>The attributes up to the one that says either way of cutting: a nearer PreTokenization hides a farther Pattern.</summary>
    private static Application[] PatternsOf(Application[] pairs)
    {
        int nearest = Array.FindIndex(
            pairs, pair => pair.Says(nameof(ByteLevelBpeAttribute.PreTokenization)) || pair.Says(nameof(ByteLevelBpeAttribute.Pattern)));
        return nearest < 0 ? [] : [pairs[nearest]];
    }

    private void CheckPattern(Reporter reporter)
    {
        if (Kind == TokenizerKind.Bytes || Pattern.Value.Length == 0)
        {
            return;
        }

        try
        {
            _ = new Regex(Pattern.Value, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException problem)
        {
            reporter.Report(Descriptors.PatternInvalid, Pattern, problem.Message.TrimEnd('.'));
            return;
        }

        if (Pattern.Value.Any(char.IsSurrogate))
        {
            reporter.Report(Descriptors.PatternInvalid, Pattern, "it contains a character above U+FFFF, for which a class such as \\p{So} can be written");
        }
        else if (PatternPlan.Of(ToSpec()) is null)
        {
            reporter.Report(Descriptors.PatternNotSpecialised, Pattern);
        }
    }
}
