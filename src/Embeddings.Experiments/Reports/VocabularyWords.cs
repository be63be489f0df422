using System.Globalization;

namespace Embeddings.Experiments.Reports;

/// <summary>How the vocabulary study's report writes numbers and names.</summary>
internal static class VocabularyWords
{
    /// <summary>What an input row is made of, as a heading.</summary>
    public static string Kind(EmbeddingKind kind) => kind switch
    {
        EmbeddingKind.Table => "Table",
        EmbeddingKind.Composed => "Composed",
        EmbeddingKind.ComposedPermuted => "Permuted spelling",
        EmbeddingKind.FrozenRandom => "Frozen random",
        _ => "Byte sum",
    };

    /// <summary>What an input row is made of, as a sentence.</summary>
    public static string KindSentence(EmbeddingKind kind) => kind switch
    {
        EmbeddingKind.Table => "Every token has a row of its own, learned. What language models do.",
        EmbeddingKind.Composed =>
            "A row is computed from the token's bytes and their positions, with vectors that all tokens share. A token has nothing of its own.",
        EmbeddingKind.ComposedPermuted =>
            "As composed, but each token is given the spelling of another of the same length. A control: still a distinct code, no longer a spelling.",
        EmbeddingKind.FrozenRandom => "Every token has a row of its own, random and never trained. A control for having rows at all.",
        _ => "A row is the sum of one vector per byte: it knows which bytes, not their order.",
    };

    /// <summary>A number with digits after the point, a real minus sign, and a dash where it does not exist.</summary>
    public static string Number(double? value, int digits = 4) => value is { } number && double.IsFinite(number)
        ? number.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Replace('-', '−')
        : "–";

    /// <summary>A factor, with the digits that it needs.</summary>
    public static string Factor(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>A number with digits after the point and its sign.</summary>
    public static string Signed(double? value, int digits = 4) => value is > 0 ? "+" + Number(value, digits) : Number(value, digits);

    /// <summary>An interval.</summary>
    public static string Interval(double? low, double? high, int digits = 4) =>
        low is null || high is null ? "–" : $"{Signed(low, digits)} … {Signed(high, digits)}";

    /// <summary>A probability.</summary>
    public static string Probability(double? value) => value switch
    {
        null => "–",
        < 0.0001 => "< 0.0001",
        { } p => p.ToString("0.####", CultureInfo.InvariantCulture),
    };

    /// <summary>A whole number in groups of three.</summary>
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with a decimal prefix and three digits: 1.23 M.</summary>
    public static string Large(double value)
    {
        (double scale, string prefix) = Math.Abs(value) switch
        {
            >= 1e12 => (1e12, " T"),
            >= 1e9 => (1e9, " G"),
            >= 1e6 => (1e6, " M"),
            >= 1e3 => (1e3, " k"),
            _ => (1.0, ""),
        };
        return (value / scale).ToString("G3", CultureInfo.InvariantCulture) + prefix;
    }

    /// <summary>A stretch of time.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min {seconds % 60:0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h {seconds % 3600 / 60:0} min"),
    };
}
