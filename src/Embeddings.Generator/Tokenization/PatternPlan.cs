using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tokenization;

/// <summary>
/// A pattern that can be printed as a scanner: one of the standard ones, or one that differs from it in how many digits stand together and
/// the spelling of contractions.
/// </summary>
/// <param name="Family">The standard pattern that it is like.</param>
/// <param name="MostDigits">Most digits of a pre-token; 0 for any number.</param>
/// <param name="Pattern">The regular expression.</param>
/// <param name="Standard">The standard pattern that it equals, or null.</param>
internal sealed record PatternPlan(PreTokenization Family, int MostDigits, string Pattern, PreTokenization? Standard)
{
    private const string Contractions = @"'(?i:[sdmt]|ll|ve|re)";
    private const string ContractionsInFull = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Cl100k = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string WordsOnly = @"\p{L}+|[\s\S]";

    private const string O200k =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<PreTokenization, string> s_patterns = new()
    {
        [PreTokenization.Gpt2] = Gpt2,
        [PreTokenization.Cl100k] = Cl100k,
        [PreTokenization.O200k] = O200k,
        [PreTokenization.Words] = WordsOnly,
    };

    private static readonly Regex s_digits = new(@"\|\\p\{N\}(?:\{1,(?<most>[1-9])\}|(?<any>\+)|)(?=\|)", RegexOptions.CultureInvariant);

    /// <summary>What the tokenizer's identity calls it.</summary>
    public string Name => Standard?.ToString() ?? Pattern;

    /// <summary>How digits stand together.</summary>
    public string DigitsInWords => MostDigits switch
    {
        0 => "Digits",
        1 => "One digit",
        _ => "One to " + MostDigits.ToString(CultureInfo.InvariantCulture) + " digits",
    };

    /// <summary>The plan of a declared tokenizer; null where text is not cut, or is cut by a pattern that is like none of the standard ones.</summary>
    public static PatternPlan? Of(TokenizerSpec tokenizer)
    {
        if (!tokenizer.IsCut || (tokenizer.Pattern.Length == 0 && tokenizer.PreTokenization == PreTokenization.None))
        {
            return null;
        }

        if (tokenizer.Pattern.Length == 0)
        {
            PreTokenization standard = tokenizer.PreTokenization;
            return new PatternPlan(standard, standard is PreTokenization.Cl100k or PreTokenization.O200k ? 3 : 0, s_patterns[standard], standard);
        }

        string plain = Plain(tokenizer.Pattern);
        foreach (KeyValuePair<PreTokenization, string> each in s_patterns)
        {
            if (plain == each.Value)
            {
                return Of(new TokenizerSpec(tokenizer.Kind, tokenizer.VocabularySize, each.Key)) is { } plan
                    ? plan with { Pattern = tokenizer.Pattern }
                    : null;
            }

            Match digits = s_digits.Match(plain);
            bool hasDigits = each.Key is PreTokenization.Cl100k or PreTokenization.O200k;
            if (hasDigits && digits.Success && s_digits.Replace(plain, @"|\p{N}{1,3}", 1) == each.Value)
            {
                int most = digits.Groups["any"].Success ? 0
                    : digits.Groups["most"].Success ? int.Parse(digits.Groups["most"].Value, CultureInfo.InvariantCulture)
                    : 1;
                return new PatternPlan(each.Key, most, tokenizer.Pattern, Standard: null);
            }
        }

        return null;
    }

    /// <summary>What the scanner does, in words.</summary>
    public IEnumerable<string> Words()
    {
        string digits = DigitsInWords.ToLowerInvariant();
        return Family switch
        {
            PreTokenization.Gpt2 =>
                ["A contraction in lower case; or letters, digits, or other characters, each with one space before them; or white", "space, whose last character stays for what follows."],
            PreTokenization.Cl100k =>
                ["A contraction in any case; or letters, with one character before them that is no letter, digit or line end; or", $"{digits}; or other characters with one space before and line ends after them; or white space up to its last line", "end; or white space, whose last character stays for what follows."],
            PreTokenization.O200k =>
                ["A word, upper case then lower case, with one character before it that is no letter, digit or line end, and a", $"contraction after it; or {digits}; or other characters with one space before and line ends and slashes after them;", "or white space up to its last line end; or white space, whose last character stays for what follows."],
            _ => ["Letters; or any one other character."],
        };
    }

    /// <summary>The pattern with cl100k's contractions in their short spelling.</summary>
    private static string Plain(string pattern) =>
        pattern.Replace(ContractionsInFull + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+", Contractions + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+");
}
