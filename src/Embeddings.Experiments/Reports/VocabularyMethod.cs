using Embeddings.Experiments.Studies;
using Embeddings.Models;

namespace Embeddings.Experiments.Reports;

/// <summary>The second half of the vocabulary study's page: floors, method, rules, machine, caveats, every run.</summary>
internal static class VocabularyMethod
{
    /// <summary>Writes the sections.</summary>
    public static void Write(HtmlPage page, VocabularyDesign design, StudyAnalysis analysis, StudyResults results)
    {
        Floors(page, results);
        Method(page, design, analysis, results);
        Caveats(page, design, analysis, results);
        Runs(page, results);
    }

    private static void Floors(HtmlPage page, StudyResults results)
    {
        if (results.References.IsEmpty)
        {
            return;
        }

        page.Section("floors", "Something to hold the numbers against");
        page.Paragraph("What models of plain byte counts, read from as many bytes, score on the same held-out text (backed off by Witten and Bell's rule).");
        page.Table(
            "Bits per byte of simple models",
            ["Model", "Bits per byte"],
            results.References.Select(reference => (IReadOnlyList<string>)
                [HtmlPage.Escape(reference.Title), VocabularyWords.Number(reference.BitsPerByte)]));
    }

    private static void Method(HtmlPage page, VocabularyDesign design, StudyAnalysis analysis, StudyResults results)
    {
        ModelDescription model = analysis.Plan.Cells[0].Variant.Description;
        ArchitectureDescription shape = model.Architecture;
        page.Section("method", "How it was done");
        page.List(
            $"Model: decoder-only transformer, {shape.Layers} layers, width {shape.Width}, {shape.Heads} heads, context {shape.Context} tokens, "
                + $"{shape.Positions.ToString().ToLowerInvariant()} positions; input rows pass a norm "
                + "without parameters, so that every kind enters at the same scale; the head is never tied to the input rows.",
            $"Training: AdamW, one pass over the text in an order that the seed decides; learning rate "
                + (results.Sweep.IsEmpty ? "" : "chosen below around ")
                + $"{model.Training.Group(ParameterGroup.Body).LearningRate:0.#####} with {model.Training.Schedule.ToString().ToLowerInvariant()} decay to "
                + $"{100 * model.Training.FinalFraction:0} %. The batch shrinks as tokens get longer, so that all runs make about as many steps of "
                + "about as many bytes: "
                + string.Join(", ", Batches(design, analysis)) + ".",
            "Tokenizer: byte-level byte-pair encoding trained once, on training text only, at the largest vocabulary; the smaller ones are its first merges.",
            $"Text: {results.Corpus.Name}, {VocabularyWords.Count(results.Corpus.TrainingBytes)} bytes in {VocabularyWords.Count(results.Corpus.TrainingDocuments)} "
                + $"documents to train on and {VocabularyWords.Count(results.Corpus.ValidationBytes)} bytes in "
                + $"{VocabularyWords.Count(results.Corpus.ValidationDocuments)} others held out. Identity {results.Corpus.Hash}.",
            "Metric: negative log-likelihood in bits over all held-out bytes, divided by those bytes. The same bytes for every model.",
            "Operations: 6 per parameter of a matrix product per token, and 6·L·C·T for causal attention; a row lookup counts as none.",
            $"Seeds: {string.Join(", ", analysis.Plan.Seeds)}. A parameter's starting values depend on the seed and its name alone.",
            $"Machine: {results.Machine.Processor}, {results.Machine.Processors} processors, {results.Threads} threads, "
                + $"{results.Machine.VectorBits}-bit vectors; {results.Machine.OperatingSystem}; {results.Machine.Runtime}; embeddings {results.Machine.Embeddings}.");
        Rates(page, results);
        page.Raw("<h3>Rules fixed before any run</h3>");
        page.Paragraph(
            "Primary comparison: (bits per byte at 256 − at 4,096 tokens, table) − (the same, composed), at equal bytes, paired by seed. All others are "
            + "secondary and corrected within their family.");
        page.Paragraph("Verdict: " + results.VerdictRule);
        page.Paragraph(
            $"p is that of the paired t-test and belongs to the interval beside it. The test by sign flips assumes no distribution, but with "
            + $"{analysis.Plan.Seeds.Length} seeds it cannot fall below {Math.Pow(2, 1 - analysis.Plan.Seeds.Length):0.####}; it is shown and does not decide.");
    }

    /// <summary>The sweep: a row for each variant, a column for each factor, the chosen one marked.</summary>
    private static void Rates(HtmlPage page, StudyResults results)
    {
        if (results.Sweep.IsEmpty)
        {
            return;
        }

        double[] scales = [.. results.Sweep.Select(point => point.RateScale).Distinct().Order()];
        page.Table(
            "Choice of the learning rate: bits per byte on a seed that no other run uses, by factor on the declared rates",
            ["Variant", .. scales.Select(scale => $"× {VocabularyWords.Factor(scale)}")],
            results.Sweep.GroupBy(point => point.Variant).Select(variant => (IReadOnlyList<string>)
            [
                $"<code>{HtmlPage.Escape(variant.Key)}</code>",
                .. variant.OrderBy(point => point.RateScale).Select(point =>
                    point.IsChosen ? $"<strong>{VocabularyWords.Number(point.ValidationBitsPerByte)}</strong>" : VocabularyWords.Number(point.ValidationBitsPerByte)),
            ]));
    }

    private static IEnumerable<string> Batches(VocabularyDesign design, StudyAnalysis analysis) =>
        VocabularyDesign.Vocabularies.Select(size =>
        {
            ModelDescription model = analysis.Plan.Find(design.Find(size, EmbeddingKind.Table)!.Variant, BudgetAxis.Bytes)!.Variant.Description;
            return $"{model.Training.BatchSize} sequences at {VocabularyWords.Count(size)} tokens";
        });

    private static void Caveats(HtmlPage page, VocabularyDesign design, StudyAnalysis analysis, StudyResults results)
    {
        var caveats = new List<string>
        {
            "These are very small models on little text of one kind. What holds here need not hold at larger scale; the verdicts are about this setting.",
            results.Sweep.IsEmpty
                ? "One learning rate serves all arms. A rate tuned for each vocabulary and each kind of row could move single points; --sweep chooses one for each."
                : Rates(results),
            "Context is equal in tokens, so models with longer tokens see more bytes back. That is part of what a larger vocabulary is, and part of its gain here.",
            "Composed rows have as many parameters as 4,096 table rows at every vocabulary, so at the largest one the two have equal sizes.",
            "Operations count the head. Without it a larger vocabulary looks cheaper; the table of parameters and operations gives both.",
        };
        if (analysis.Plan.Seeds.Length < 5)
        {
            caveats.Add(
                $"{analysis.Plan.Seeds.Length} seeds make wide intervals. The full tier (study vocabulary --tier full) has {VocabularyDesign.Of(StudyTier.Full).Seeds}.");
        }

        double passes = results.Runs.IsEmpty ? 0 : results.Runs.Max(run => (double)run.Bytes) / results.Corpus.TrainingBytes;
        if (passes > 1)
        {
            caveats.Add($"Runs read more text than there is: up to {passes:0.0} passes over it.");
        }

        page.Section("caveats", "What to keep in mind");
        page.List(caveats);
    }

    private static string Rates(StudyResults results)
    {
        string[] edges = [.. RateSweep.AtTheEdge(results.Sweep)];
        return "The learning rate of each variant is the best of a few on one seed, all parameter groups together."
            + (edges.Length == 0 ? "" : $" For {string.Join(", ", edges)} the best was the lowest or the highest tried, so a better one may lie beyond.");
    }

    private static void Runs(HtmlPage page, StudyResults results)
    {
        page.Section("runs", "Every run");
        page.Raw("<details><summary>" + VocabularyWords.Count(results.Runs.Length) + " runs</summary>");
        page.Table(
            "Runs in the order of the plan",
            ["Variant", "Seed", "Compared at", "Rate", "Bits per byte", "Bytes", "Tokens", "Steps", "FLOPs", "Seconds"],
            results.Runs.Select(run => (IReadOnlyList<string>)
            [
                $"<code>{HtmlPage.Escape(run.Variant)}</code>",
                VocabularyWords.Count(run.Seed),
                HtmlPage.Escape(string.Join(", ", run.Axes)),
                $"× {VocabularyWords.Factor(run.RateScale)}",
                VocabularyWords.Number(run.ValidationBitsPerByte),
                VocabularyWords.Count(run.Bytes),
                VocabularyWords.Count(run.Tokens),
                VocabularyWords.Count(run.Steps),
                VocabularyWords.Large(run.Flops),
                VocabularyWords.Number(run.Seconds, 1),
            ]));
        page.Raw("</details>");
        page.Paragraph("The same numbers are in results.json and contrasts.csv beside this page.", "note");
    }
}
