using System.Diagnostics;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Cli;

/// <summary>Shows a study's runs: the one at work with its loss and rate, the time left for all, and a line for each that is done.</summary>
internal sealed class StudyProgressLines(IProgressLine line) : IStudyProgress
{
    private readonly Stopwatch _clock = new();
    private int _runs;
    private int _number;

    /// <inheritdoc/>
    public void Planned(int runs, int finished)
    {
        _runs = runs;
        _clock.Start();
        line.Line(finished == 0 ? $"{runs} runs planned." : $"{runs} runs planned, {finished} of them finished before.");
    }

    /// <inheritdoc/>
    public void Started(RunRequest run, int number) => _number = number;

    /// <inheritdoc/>
    public void Progressed(RunRequest run, RunProgress progress, double workDone) => line.Report(
        workDone,
        $"run {_number}/{_runs} {run.Variant.Name} seed {run.Seed}{Rate(run.RateScale)}: loss {progress.Loss:0.000}, {VocabularyWords.Large(progress.BytesPerSecond)}B/s, "
            + $"{VocabularyWords.Large(progress.TokensPerSecond)} tokens/s, {TimeLeft(workDone)} left");

    /// <inheritdoc/>
    public void Finished(RunResult result, double workDone) => line.Line(
        $"run {_number}/{_runs} {result.Variant} seed {result.Seed}{Rate(result.RateScale)}: {result.ValidationBitsPerByte:0.0000} bits per byte, "
            + $"{VocabularyWords.Duration(result.Seconds)}, {TimeLeft(workDone)} left");

    private static string Rate(double scale) => scale == 1 ? "" : $" rate × {VocabularyWords.Factor(scale)}";

    private string TimeLeft(double workDone) =>
        workDone <= 0 ? "?" : VocabularyWords.Duration(Math.Round(_clock.Elapsed.TotalSeconds * (1 - workDone) / workDone));
}
