using Embeddings.Experiments.Reports.Charts;
using Embeddings.Experiments.Statistics;
using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Reports;

/// <summary>The vocabulary study's page: the answer first, then pictures, tables and method, for a reader who knows nothing of it.</summary>
internal static class VocabularyReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="design">What was planned.</param>
    /// <param name="analysis">What was measured.</param>
    /// <param name="claims">What follows.</param>
    /// <param name="results">The same as numbers.</param>
    /// <param name="figures">The pictures.</param>
    /// <param name="written">When.</param>
    public static string Print(
        VocabularyDesign design, StudyAnalysis analysis, IReadOnlyList<ClaimResult> claims, StudyResults results, VocabularyFigures figures,
        DateTimeOffset written)
    {
        var page = new HtmlPage("Does a larger vocabulary help because tokens have rows of their own?");
        Head(page, analysis, claims, results, written);
        Question(page);
        Comparison(page, design, analysis);
        Results(page, results, figures);
        Costs(page, results, figures);
        Claims(page, claims);
        VocabularyMethod.Write(page, design, analysis, results);
        return page.Print();
    }

    private static void Head(HtmlPage page, StudyAnalysis analysis, IReadOnlyList<ClaimResult> claims, StudyResults results, DateTimeOffset written)
    {
        page.Raw("<h1>Does a larger vocabulary help because tokens have rows of their own?</h1>");
        page.Paragraph(
            $"Vocabulary study, {results.Tier} tier: {results.Runs.Length} training runs, {analysis.Plan.Seeds.Length} paired seeds, "
            + $"{VocabularyWords.Duration(results.Runs.Sum(run => run.Seconds))} of training on {results.Threads} "
            + $"thread{(results.Threads == 1 ? "" : "s")}. Text: {results.Corpus.Name}. {written.UtcDateTime:yyyy-MM-dd HH:mm} UTC.",
            "meta");
        page.Raw("<section class=\"answer\" aria-label=\"The answer\">");
        page.Paragraph(VocabularyFindings.Headline(analysis));
        foreach (string text in VocabularyFindings.Paragraphs(analysis, claims))
        {
            page.Paragraph(text);
        }

        page.Raw("</section>");
        page.Raw("<dl class=\"tiles\">"
            + Tile("Gain from 256 to 4,096 tokens at equal text", analysis.Contrast(VocabularyContrasts.TableGain))
            + Tile("The same at equal operations", analysis.Contrast(VocabularyContrasts.TableGainAtEqualFlops))
            + Tile("Part of the gain that needs rows of their own", analysis.Contrast(VocabularyContrasts.Primary))
            + Tile("What true spelling is worth", analysis.Contrast(VocabularyContrasts.Spelling))
            + "</dl>");
        page.Paragraph("Bits per byte saved, with 95 % interval and the verdict of the rule below.", "note");
    }

    private static string Tile(string name, ContrastResult contrast)
    {
        PairedSummary summary = contrast.Summary;
        double? low = double.IsFinite(summary.Interval.Low) ? summary.Interval.Low : null;
        double? high = double.IsFinite(summary.Interval.High) ? summary.Interval.High : null;
        return $"<div><dt>{HtmlPage.Escape(name)}</dt><dd>{VocabularyWords.Signed(summary.Mean)}"
            + $"<small>{VocabularyWords.Interval(low, high)}</small>{Badge(contrast.Verdict)}</dd></div>";
    }

    private static string Badge(Verdict verdict) => Badge(VocabularyClaims.Word(verdict));

    private static string Badge(string word) => $"<span class=\"badge {word}\">{word}</span>";

    private static void Question(HtmlPage page) => page
        .Section("question", "What was asked")
        .Paragraph(
            "A language model reads text as tokens, pieces of one or more bytes, and turns each into a row of numbers, its embedding. A larger "
            + "vocabulary has longer tokens, so the same text becomes a shorter sequence; it also has more rows. Most of the added tokens are mere "
            + "re-combinations of shorter ones, and rows never meet inside the table, so at first sight the added rows should be useless. Yet "
            + "larger vocabularies are said to help.")
        .Paragraph(
            "The essay “Embeddings are in the middle of the model” (Sebastian Müller, December 2024) explains this: the model mixes tokens on the "
            + "way forward, hence mixes gradients on the way back, so training writes into every row what the whole data set says about how its "
            + "characters combine. This study puts the explanation against the plain one, that shorter sequences alone do it. If rows of their own "
            + "matter, then a model whose rows are computed from the spelling, which shortens sequences just as much but leaves tokens nothing of "
            + "their own, must gain less from a larger vocabulary. The difference between the two gains is the number to look at.")
        .Paragraph(
            "Loss is given in bits per byte (bpb): the bits that the model needs to write down held-out text, divided by its bytes. Unlike loss "
            + "per token it can be compared between vocabularies. Lower is better.");

    private static void Comparison(HtmlPage page, VocabularyDesign design, StudyAnalysis analysis)
    {
        page.Section("compared", "What was compared");
        page.Paragraph(
            "The same small transformer, with an output head of its own, on the same text; only the vocabulary and the kind of input row differ. "
            + "A run's seed decides the order of the text and the starting values that models have in common, so runs of equal seed are compared "
            + "with each other.");
        page.Table(
            "Kinds of input row",
            ["Kind", "What a row is", "Vocabularies"],
            design.Arms.GroupBy(arm => arm.Kind).Select(kind => (IReadOnlyList<string>)
            [
                HtmlPage.Escape(VocabularyWords.Kind(kind.Key)),
                HtmlPage.Escape(VocabularyWords.KindSentence(kind.Key)),
                string.Join(", ", kind.Select(arm => VocabularyWords.Count(arm.VocabularySize))),
            ]),
            numbersFrom: 3);
        if (design.SharesSmallest)
        {
            page.Paragraph(
                "With 256 tokens every token is one byte, so a table, composed rows and permuted spelling are the same model but for the draw of "
                + "starting values. Kinds that share a point at 256 in the pictures share its runs.",
                "note");
        }

        page.Paragraph(
            $"Equal bytes: every run reads {VocabularyWords.Count(design.BytesPerRun)} bytes. Equal operations: every run makes as many "
            + "floating-point operations (the head's included) as the table with 4,096 tokens makes on those bytes. Each point is a run of its "
            + $"own with a learning rate that has decayed by its end. {analysis.Plan.Runs().Length} runs in all.");
        page.Paragraph(
            "The number to look at is the interaction: the table's gain from 256 to 4,096 tokens less the gain of composed rows."
            + (design.SharesSmallest
                ? " Where both gains start from the same runs, these cancel, and what remains is composed rows against a table at 4,096 tokens."
                : ""));
    }

    private static void Results(HtmlPage page, StudyResults results, VocabularyFigures figures)
    {
        page.Section("results", "What came out");
        page.Figure(
            SeriesChartSvg.Draw(figures.Interaction),
            "At equal training text. Means over seeds with 95 % t-intervals. If rows of their own matter, the table's line falls further than the "
            + "composed line. The comparisons below are taken within seeds and are therefore sharper than these intervals.");
        page.Table(
            "Bits per byte at equal bytes",
            ["Model", "Tokens", "Mean", "95 % interval", "Seeds"],
            Cells(results, "equal bytes"));
        page.Figure(
            ForestChartSvg.Draw(figures.Contrasts),
            "Every comparison, in bits per byte saved; right of zero is what the essay predicts. The band marks differences below 0.005 that count "
            + "as none.");
        page.Table(
            "Comparisons: mean of paired differences, t-interval, and three tests",
            ["Comparison", "Estimate and 95 % interval", "p", "p (Holm)", "p (sign flips)", "d_z", "Verdict"],
            results.Contrasts.Select(contrast => (IReadOnlyList<string>)
            [
                HtmlPage.Escape(contrast.Title),
                $"{VocabularyWords.Signed(contrast.Estimate)}<br><small>{VocabularyWords.Interval(contrast.Low, contrast.High)}</small>",
                HtmlPage.Escape(VocabularyWords.Probability(contrast.P)),
                HtmlPage.Escape(VocabularyWords.Probability(contrast.PHolm)),
                HtmlPage.Escape(VocabularyWords.Probability(contrast.PSignFlip)),
                VocabularyWords.Number(contrast.EffectSize, 1),
                Badge(contrast.Verdict),
            ]));
        page.Figure(
            SeriesChartSvg.Draw(figures.EqualFlops),
            "At equal operations. Tokens that cost more to predict read less text here, and the other way round.");
        page.Table(
            "Bits per byte at equal operations",
            ["Model", "Tokens", "Mean", "95 % interval", "Seeds"],
            Cells(results, "equal flops"));
    }

    private static IEnumerable<IReadOnlyList<string>> Cells(StudyResults results, string axis) =>
        results.Cells.Where(cell => cell.Axis == axis).Select(cell => (IReadOnlyList<string>)
        [
            HtmlPage.Escape(VocabularyWords.Kind(Enum.Parse<EmbeddingKind>(cell.Embedding))),
            VocabularyWords.Count(cell.VocabularySize),
            VocabularyWords.Number(cell.Mean),
            cell.Low is null ? "–" : $"{VocabularyWords.Number(cell.Low)} … {VocabularyWords.Number(cell.High)}",
            VocabularyWords.Count(cell.Seeds),
        ]);

    private static void Costs(HtmlPage page, StudyResults results, VocabularyFigures figures)
    {
        page.Section("costs", "What a larger vocabulary changes besides");
        page.Table(
            "What each vocabulary does to the text",
            ["Tokens", "Bytes per token (held out)", "Bytes per token (training)", "Unigram bits per byte", "Rare tokens"],
            results.Tokenizers.Select(tokenizer => (IReadOnlyList<string>)
            [
                VocabularyWords.Count(tokenizer.VocabularySize),
                VocabularyWords.Number(tokenizer.ValidationBytesPerToken, 2),
                VocabularyWords.Number(tokenizer.TrainingBytesPerToken, 2),
                VocabularyWords.Number(tokenizer.UnigramBitsPerByte, 3),
                $"{100 * tokenizer.RareShare:0} %",
            ]));
        page.Paragraph(
            $"Rare tokens occur less than {TokenizerSummary.RareOccurrences} times in the text of one run. Unigram bits per byte are what single "
            + "token frequencies alone would cost.",
            "note");
        page.Table(
            "Parameters and operations",
            ["Model", "Tokens", "Input rows", "Output head", "Body", "All", "FLOPs per token", "FLOPs per byte", "without the head"],
            results.Cells.Where(cell => cell.Axis == "equal bytes").Select(cell => Accounting(results, cell)));
        page.Figure(
            SeriesChartSvg.Draw(figures.Parameters),
            "Bits per byte against all parameters, at equal training text: what the added parameters buy.");
    }

    private static IReadOnlyList<string> Accounting(StudyResults results, StudyResults.CellEntry cell)
    {
        double bytesPerToken = results.Tokenizers.First(tokenizer => tokenizer.VocabularySize == cell.VocabularySize).TrainingBytesPerToken;
        StudyResults.RunEntry? run = results.Runs.FirstOrDefault(entry => entry.Variant == cell.Variant);
        return
        [
            HtmlPage.Escape(VocabularyWords.Kind(Enum.Parse<EmbeddingKind>(cell.Embedding))),
            VocabularyWords.Count(cell.VocabularySize),
            VocabularyWords.Count(cell.InputParameters),
            VocabularyWords.Count(cell.OutputParameters),
            VocabularyWords.Count(cell.BodyParameters),
            VocabularyWords.Count(cell.InputParameters + cell.OutputParameters + cell.BodyParameters),
            VocabularyWords.Large(cell.FlopsPerToken),
            VocabularyWords.Large(cell.FlopsPerToken / bytesPerToken),
            run is null ? "–" : VocabularyWords.Large(run.FlopsWithoutHead / run.Bytes),
        ];
    }

    private static void Claims(HtmlPage page, IReadOnlyList<ClaimResult> claims)
    {
        page.Section("claims", "Claim by claim");
        page.Table(
            "What the study says about each claim of the essay that it can judge",
            ["No.", "Claim", "Verdict", "Evidence", "Rule"],
            claims.Select(claim => (IReadOnlyList<string>)
            [
                HtmlPage.Escape(claim.Id),
                HtmlPage.Escape(claim.Statement),
                Badge(claim.Verdict),
                HtmlPage.Escape(claim.Explanation),
                HtmlPage.Escape(claim.Rule),
            ]),
            numbersFrom: 5);
    }
}
