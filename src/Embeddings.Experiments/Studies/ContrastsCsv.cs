using System.Globalization;
using System.Text;

namespace Embeddings.Experiments.Studies;

/// <summary>The comparisons as a table for other programs: RFC 4180, invariant numbers, empty where a number does not exist.</summary>
public static class ContrastsCsv
{
    private const string Header = "name,family,pairs,estimate,low,high,p,p_holm,p_sign_flip,p_equivalence,effect_size,verdict,title";

    /// <summary>Prints the table.</summary>
    public static string Print(StudyResults results)
    {
        var text = new StringBuilder(Header).Append("\r\n");
        foreach (StudyResults.ContrastEntry contrast in results.Contrasts)
        {
            text.AppendJoin(
                ',',
                Quote(contrast.Name),
                Quote(contrast.Family),
                contrast.Pairs.ToString(CultureInfo.InvariantCulture),
                Number(contrast.Estimate),
                Number(contrast.Low),
                Number(contrast.High),
                Number(contrast.P),
                Number(contrast.PHolm),
                Number(contrast.PSignFlip),
                Number(contrast.PEquivalence),
                Number(contrast.EffectSize),
                contrast.Verdict,
                Quote(contrast.Title)).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
