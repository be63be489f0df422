using Embeddings.Experiments.Statistics;
using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Reports;

/// <summary>The vocabulary study's answer in words; every sentence follows from verdicts that follow from the pre-registered rule.</summary>
internal static class VocabularyFindings
{
    /// <summary>The answer in a sentence.</summary>
    public static string Headline(StudyAnalysis analysis) => analysis.Contrast(VocabularyContrasts.Primary).Verdict switch
    {
        Verdict.Supported =>
            "Yes, here: tokens with learned rows of their own gain more from a larger vocabulary than tokens whose rows are computed from their "
            + "spelling, so shorter sequences are not the whole reason.",
        Verdict.Contradicted =>
            "No, here: tokens whose rows are computed from their spelling gain more from a larger vocabulary than tokens with learned rows of "
            + "their own.",
        Verdict.Equivalent =>
            "No, here: with rows computed from spelling a larger vocabulary gains the same as with learned rows of its own, to within 0.005 bits "
            + "per byte.",
        _ =>
            "Undecided, here: the difference between learned rows and rows computed from spelling is too uncertain for the rule to call it either "
            + "way. More seeds would narrow it.",
    };

    /// <summary>The three sentences below the headline.</summary>
    public static IEnumerable<string> Paragraphs(StudyAnalysis analysis, IReadOnlyList<ClaimResult> claims)
    {
        yield return Gain(analysis);
        yield return claims.First(claim => claim.Id == "E2").Explanation;
        yield return Controls(analysis);
    }

    private static string Gain(StudyAnalysis analysis)
    {
        ContrastResult bytes = analysis.Contrast(VocabularyContrasts.TableGain);
        ContrastResult flops = analysis.Contrast(VocabularyContrasts.TableGainAtEqualFlops);
        string agree = Math.Sign(bytes.Summary.Mean) == Math.Sign(flops.Summary.Mean)
            ? ""
            : " The two budgets disagree on the sign, so which vocabulary is better depends on what is held equal.";
        return $"After reading the same text, a model with 4,096 tokens instead of 256 {WouldSave(bytes)}; "
            + $"after the same number of operations it {WouldSave(flops)}.{agree}";
    }

    private static string Controls(StudyAnalysis analysis)
    {
        ContrastResult spelling = analysis.Contrast(VocabularyContrasts.Spelling);
        ContrastResult training = analysis.Contrast(VocabularyContrasts.Training);
        return $"Two controls at 4,096 tokens: handing composed rows the spelling of another token instead of their own {Control(spelling)}, "
            + $"and freezing the table at random values {Control(training)}.";
    }

    private static string WouldSave(ContrastResult contrast) => VocabularyClaims.Saves(contrast);

    private static string Control(ContrastResult contrast) => contrast.Verdict switch
    {
        Verdict.Equivalent => "changes nothing worth speaking of",
        Verdict.Inconclusive => $"has no clear effect ({VocabularyWords.Signed(contrast.Summary.Mean)} bits per byte)",
        _ => (contrast.Summary.Mean >= 0 ? "costs " : "saves ") + VocabularyWords.Number(Math.Abs(contrast.Summary.Mean)) + " bits per byte",
    };
}
