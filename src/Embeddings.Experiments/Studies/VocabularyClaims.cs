using System.Collections.Immutable;
using Embeddings.Experiments.Statistics;
using Embeddings.Models;

namespace Embeddings.Experiments.Studies;

/// <summary>The essay's claims that the vocabulary study can judge, each with its rule.</summary>
public static class VocabularyClaims
{
    /// <summary>Judges every claim.</summary>
    public static ImmutableArray<ClaimResult> Judge(VocabularyDesign design, StudyAnalysis analysis) =>
        [ShorterSequences(analysis), MoreParameters(design, analysis), Gain(analysis), Useless(analysis), OwnRows(analysis), Spelling(analysis), Training(analysis)];

    private static ClaimResult ShorterSequences(StudyAnalysis analysis)
    {
        double[] curve = [.. analysis.Tokenizers.Select(tokenizer => tokenizer.ValidationBytesPerToken)];
        return new ClaimResult(
            "A1",
            "A larger vocabulary makes shorter sequences.",
            "Supported if bytes per token of the held-out text rise strictly with the size of the vocabulary, otherwise contradicted.",
            Rises(curve) ? Verdict.Supported : Verdict.Contradicted,
            "Bytes per token: " + string.Join(", ", analysis.Tokenizers.Select(
                tokenizer => $"{tokenizer.ValidationBytesPerToken:0.00} at {tokenizer.VocabularySize:N0}")) + ".");
    }

    private static ClaimResult MoreParameters(VocabularyDesign design, StudyAnalysis analysis)
    {
        ModelDescription[] tables = [.. VocabularyDesign.Vocabularies.Select(size =>
            analysis.Plan.Find(design.Find(size, EmbeddingKind.Table)!.Variant, BudgetAxis.Bytes)!.Variant.Description)];
        bool sameBody = tables.Select(model => model.GroupCount(ParameterGroup.Body)).Distinct().Count() == 1;
        bool rises = Rises([.. tables.Select(model => (double)model.ParameterCount)]);
        return new ClaimResult(
            "A2",
            "A larger vocabulary brings more parameters.",
            "Supported if, with the body unchanged, parameters rise strictly with the size of the vocabulary, otherwise contradicted.",
            sameBody && rises ? Verdict.Supported : Verdict.Contradicted,
            $"With a table, {string.Join(", ", tables.Select(model => $"{model.ParameterCount:N0} at {model.VocabularySize:N0}"))}; "
            + $"the body has {tables[0].GroupCount(ParameterGroup.Body):N0} in each.");
    }

    private static ClaimResult Gain(StudyAnalysis analysis)
    {
        ContrastResult bytes = analysis.Contrast(VocabularyContrasts.TableGain);
        ContrastResult flops = analysis.Contrast(VocabularyContrasts.TableGainAtEqualFlops);
        return new ClaimResult(
            "A3",
            "A larger vocabulary lowers the loss.",
            "The common verdict of the table's gain from 256 to 4,096 tokens at equal bytes and at equal operations; inconclusive if they differ.",
            VerdictRule.All(bytes.Verdict, flops.Verdict),
            $"At equal bytes, 4,096 tokens {Save(bytes)} ({Word(bytes.Verdict)}); at equal operations, they {Save(flops)} ({Word(flops.Verdict)}).");
    }

    private static ClaimResult Useless(StudyAnalysis analysis)
    {
        ContrastResult interaction = analysis.Contrast(VocabularyContrasts.Primary);
        return new ClaimResult(
            "A6",
            "Parameters of tokens that are mere re-combinations of others should be useless (the contention that the essay gives up).",
            "Contradicted if the primary contrast is supported; supported if it is equivalent or contradicted; otherwise inconclusive.",
            interaction.Verdict switch
            {
                Verdict.Supported => Verdict.Contradicted,
                Verdict.Equivalent or Verdict.Contradicted => Verdict.Supported,
                _ => Verdict.Inconclusive,
            },
            $"Rows of their own {Save(interaction)} beyond rows computed from spelling.");
    }

    private static ClaimResult OwnRows(StudyAnalysis analysis)
    {
        ContrastResult interaction = analysis.Contrast(VocabularyContrasts.Primary);
        ContrastResult gain = analysis.Contrast(VocabularyContrasts.TableGain);
        ContrastResult large = analysis.Contrast(VocabularyContrasts.LargeShare);
        string share = gain.Summary.Interval.Low > 0
            ? $" That is {interaction.Summary.Mean / gain.Summary.Mean:P0} of the table's whole gain{Share(large.Verdict)}."
            : " The table's whole gain is not clearly above zero, so no share of it is given.";
        return new ClaimResult(
            "E2",
            "A larger vocabulary helps for a reason other than shorter sequences: each token has a row of its own, into which training writes.",
            "The verdict of the primary contrast: the table's gain from 256 to 4,096 tokens less the gain of composed rows, at equal bytes.",
            interaction.Verdict,
            $"Rows of their own {Save(interaction)} beyond what composed rows gain from the same tokens.{share}");
    }

    private static ClaimResult Spelling(StudyAnalysis analysis)
    {
        ContrastResult spelling = analysis.Contrast(VocabularyContrasts.Spelling);
        return new ClaimResult(
            "E2-spelling",
            "What composed rows give is the token's spelling, not merely a distinct code per token.",
            "The verdict of true against permuted spelling at 4,096 tokens.",
            spelling.Verdict,
            $"True spellings {Save(spelling)} against the same spellings handed to other tokens.");
    }

    private static ClaimResult Training(StudyAnalysis analysis)
    {
        ContrastResult training = analysis.Contrast(VocabularyContrasts.Training);
        return new ClaimResult(
            "E2-training",
            "Rows help because they are trained, not because they are there.",
            "The verdict of a trained against a frozen random table at 4,096 tokens.",
            training.Verdict,
            $"Training the table {Saves(training)} against random rows that stay as they are.");
    }

    private static string Share(Verdict beyond30Percent) => beyond30Percent switch
    {
        Verdict.Supported => ", clearly more than the 30 % that would make it a large share",
        Verdict.Contradicted => ", clearly less than the 30 % that would make it a large share",
        Verdict.Equivalent => ", about the 30 % that would make it a large share",
        _ => "; whether it is more than the 30 % that would make it a large share is open",
    };

    /// <summary>"save 0.012 bits per byte (95 % interval 0.001 to 0.023)", or "cost" where the mean is negative.</summary>
    internal static string Save(ContrastResult contrast) => Phrase(contrast, "save", "cost");

    /// <summary>The same in the singular.</summary>
    internal static string Saves(ContrastResult contrast) => Phrase(contrast, "saves", "costs");

    /// <summary>A verdict as a word in a sentence.</summary>
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Supported => "supported",
        Verdict.Contradicted => "contradicted",
        Verdict.Equivalent => "equivalent",
        _ => "inconclusive",
    };

    private static string Phrase(ContrastResult contrast, string saves, string costs)
    {
        PairedSummary summary = contrast.Summary;
        if (summary.Count == 0)
        {
            return "were not measured";
        }

        bool positive = summary.Mean >= 0;
        string text = $"{(positive ? saves : costs)} {Math.Abs(summary.Mean):0.0000} bits per byte";
        if (double.IsNaN(summary.Interval.Low))
        {
            return text + " (one seed, so no interval)";
        }

        (double low, double high) = positive ? (summary.Interval.Low, summary.Interval.High) : (-summary.Interval.High, -summary.Interval.Low);
        return $"{text} (95 % interval {Signed(low)} to {Signed(high)})";
    }

    private static string Signed(double value) => value < 0 ? $"−{-value:0.0000}" : $"{value:0.0000}";

    private static bool Rises(ReadOnlySpan<double> values)
    {
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] <= values[i - 1])
            {
                return false;
            }
        }

        return true;
    }
}
