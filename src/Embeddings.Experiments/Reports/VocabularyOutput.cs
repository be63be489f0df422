using System.Collections.Immutable;
using System.Text.Json;
using Embeddings.Experiments.Reports.Charts;
using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Reports;

/// <summary>Writes all files of a finished vocabulary study.</summary>
internal static class VocabularyOutput
{
    /// <summary>The page's file name.</summary>
    public const string Report = "report.html";

    /// <summary>The numbers' file name.</summary>
    public const string Results = "results.json";

    /// <summary>Writes results, comparisons, pictures and page; the page last, so that it never speaks of files that are not there.</summary>
    /// <param name="directory">Exists.</param>
    /// <param name="design">What was planned.</param>
    /// <param name="analysis">What was measured.</param>
    /// <param name="sweep">How learning rates were chosen.</param>
    /// <param name="references">Simple models on the same text.</param>
    /// <param name="threads">Threads that trained.</param>
    /// <param name="written">When.</param>
    /// <param name="warn">Told in a sentence what could not be written and is not essential.</param>
    /// <returns>The results as written.</returns>
    public static StudyResults Write(
        string directory, VocabularyDesign design, StudyAnalysis analysis, RateSweep sweep, ImmutableArray<ReferenceScore> references, int threads,
        DateTimeOffset written, Action<string> warn)
    {
        ImmutableArray<ClaimResult> claims = VocabularyClaims.Judge(design, analysis);
        StudyResults results = StudyResults.Of(analysis, sweep, claims, references, threads);
        VocabularyFigures figures = VocabularyFigures.Of(design, analysis);
        OutputFile.Write(Path.Combine(directory, Results), JsonSerializer.SerializeToUtf8Bytes(results, StudyJson.Default.StudyResults));
        OutputFile.Write(Path.Combine(directory, "contrasts.csv"), ContrastsCsv.Print(results));
        Draw(directory, "interaction", SeriesChartSvg.Draw(figures.Interaction), () => PngCharts.Draw(figures.Interaction), warn);
        Draw(directory, "equal-flops", SeriesChartSvg.Draw(figures.EqualFlops), () => PngCharts.Draw(figures.EqualFlops), warn);
        Draw(directory, "contrasts", ForestChartSvg.Draw(figures.Contrasts), () => PngCharts.Draw(figures.Contrasts), warn);
        Draw(directory, "parameters", SeriesChartSvg.Draw(figures.Parameters), () => PngCharts.Draw(figures.Parameters), warn);
        OutputFile.Write(Path.Combine(directory, Report), VocabularyReport.Print(design, analysis, claims, results, figures, written));
        return results;
    }

    private static void Draw(string directory, string name, SvgCanvas picture, Func<byte[]> png, Action<string> warn)
    {
        OutputFile.Write(Path.Combine(directory, name + ".svg"), picture.Document());
        try
        {
            OutputFile.Write(Path.Combine(directory, name + ".png"), png());
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException)
        {
            warn($"{name}.png was not drawn: the native drawing library does not load here ({exception.GetBaseException().Message}). The SVG is complete.");
        }
    }
}
