using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Embeddings.Generator.Tokenization;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// The resolved tokenizer. The nearest tokenizer attribute decides the kind and hides everything said of the other kinds beyond it; with
/// none, every byte is a token.
/// </summary>
internal sealed record TokenizerSettings(
    TokenizerKind Kind,
    Setting<int> VocabularySize,
    Setting<PreTokenization> PreTokenization,
    Setting<string> Pattern,
    Setting<EquatableArray<string>> SpecialTokens,
    Setting<int> Seed,
    Setting<EquatableArray<string>> Words,
    Setting<string> Path)
{
    private static readonly Dictionary<TokenizerKind, Type> s_attributes = new()
    {
        [TokenizerKind.Bytes] = typeof(BytesAttribute),
        [TokenizerKind.ByteLevelBpe] = typeof(ByteLevelBpeAttribute),
        [TokenizerKind.RandomMerges] = typeof(RandomMergesAttribute),
        [TokenizerKind.WordList] = typeof(WordListAttribute),
        [TokenizerKind.File] = typeof(TokenizerFileAttribute),
    };

    public static TokenizerSettings Read(InheritanceChain chain)
    {
        TokenizerKind kind = TokenizerKind.Bytes;
        Application[] said = [];
        foreach (KeyValuePair<TokenizerKind, Type> each in s_attributes)
        {
            Type[] others = s_attributes.Values.Where(other => other != each.Value).ToArray();
            Application[] found = chain.ApplicationsUntil(each.Value, others).ToArray();
            (kind, said) = found.Length > 0 ? (each.Key, found) : (kind, said);
        }

        int size = kind == TokenizerKind.File ? Defaults.TokenizerFile.VocabularySize : Defaults.ByteLevelBpe.VocabularySize;
        return new TokenizerSettings(
            kind,
            Setting<int>.Resolve(said, nameof(ByteLevelBpeAttribute.VocabularySize), size),
            Setting<PreTokenization>.Resolve(said, nameof(ByteLevelBpeAttribute.PreTokenization), Defaults.ByteLevelBpe.PreTokenization),
            Setting<string>.Resolve(PatternsOf(said), nameof(ByteLevelBpeAttribute.Pattern), Defaults.ByteLevelBpe.Pattern),
            Setting<EquatableArray<string>>.Resolve(said, nameof(ByteLevelBpeAttribute.SpecialTokens), default),
            Setting<int>.Resolve(said, nameof(RandomMergesAttribute.Seed), Defaults.RandomMerges.Seed),
            Setting<EquatableArray<string>>.Resolve(said, nameof(WordListAttribute.Words), default),
            Setting<string>.Resolve(said, nameof(TokenizerFileAttribute.Path), Defaults.TokenizerFile.Path));
    }

    /// <summary>Entries in all.</summary>
    public int Entries => Kind switch
    {
        TokenizerKind.Bytes => Limits.ByteValues,
        TokenizerKind.WordList => Limits.ByteValues + Words.Value.Count,
        _ => VocabularySize.Value,
    };

    public void Check(InheritanceChain chain, Reporter reporter)
    {
        Type[] own = s_attributes.Values.Where(attribute => chain.Own.Find(attribute) is not null).ToArray();
        if (own.Length > 1)
        {
            var second = new Application(chain.Own, chain.Own.Find(own[1])!);
            reporter.Report(Descriptors.TwoTokenizers, second.Location ?? reporter.DeclarationLocation, chain.Own.Type.Name, Name(own[0]), Name(own[1]));
        }

        switch (Kind)
        {
            case TokenizerKind.Bytes:
                break;
            case TokenizerKind.WordList:
                CheckWords(reporter);
                break;
            default:
                CheckSize(reporter);
                CheckSpecialTokens(reporter);
                Rules.Defined(PreTokenization, reporter);
                CheckPattern(reporter);
                CheckPath(reporter);
                break;
        }
    }

    public TokenizerSpec ToSpec() => Kind is TokenizerKind.Bytes or TokenizerKind.WordList
        ? new TokenizerSpec(Kind, Entries, Embeddings.PreTokenization.None) { Words = Words.Value }
        : new TokenizerSpec(Kind, Entries, PreTokenization.Value, Pattern.Value)
        {
            SpecialTokens = SpecialTokens.Value,
            Seed = Seed.Value,
            Path = Path.Value,
        };

    private static string Name(Type attribute) => attribute.Name.Substring(0, attribute.Name.Length - nameof(Attribute).Length);

    /// <summary>The attributes up to the one that says either way of cutting: a nearer PreTokenization hides a farther Pattern.</summary>
    private static Application[] PatternsOf(Application[] said)
    {
        int nearest = Array.FindIndex(
            said, each => each.Says(nameof(ByteLevelBpeAttribute.PreTokenization)) || each.Says(nameof(ByteLevelBpeAttribute.Pattern)));
        return nearest < 0 ? [] : [said[nearest]];
    }

    private void CheckSize(Reporter reporter)
    {
        int smallest = Limits.ByteValues + SpecialTokens.Value.Count;
        if (VocabularySize.Value < smallest || VocabularySize.Value > Limits.VocabularySize)
        {
            reporter.Report(Descriptors.VocabularySizeOutOfRange, VocabularySize, VocabularySize.Value, smallest, Limits.VocabularySize);
        }
    }

    private void CheckSpecialTokens(Reporter reporter)
    {
        var seen = new HashSet<string>();
        foreach (string text in SpecialTokens.Value)
        {
            if (text.Length == 0 || !seen.Add(text))
            {
                reporter.Report(Descriptors.SpecialTokenInvalid, SpecialTokens, text, text.Length == 0 ? "is empty" : "stands twice");
                return;
            }
        }
    }

    private void CheckWords(Reporter reporter)
    {
        var seen = new HashSet<string>();
        foreach (string word in Words.Value)
        {
            bool isShort = Encoding.UTF8.GetByteCount(word) < 2;
            if (isShort || !seen.Add(word))
            {
                reporter.Report(Descriptors.ListedWordInvalid, Words, word, isShort ? "has fewer than two bytes" : "stands twice");
                return;
            }
        }

        if (Entries > Limits.VocabularySize)
        {
            reporter.Report(Descriptors.VocabularySizeOutOfRange, Words, Entries, Limits.ByteValues, Limits.VocabularySize);
        }
    }

    private void CheckPath(Reporter reporter)
    {
        if (Kind == TokenizerKind.File && string.IsNullOrWhiteSpace(Path.Value))
        {
            reporter.Report(Descriptors.TokenizerPathEmpty, Path);
        }
    }

    private void CheckPattern(Reporter reporter)
    {
        if (Pattern.Value.Length == 0)
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
