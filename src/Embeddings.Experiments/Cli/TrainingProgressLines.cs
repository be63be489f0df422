using Embeddings.Experiments.Reports;
using Embeddings.Training;

namespace Embeddings.Experiments.Cli;

/// <summary>Shows a run: step, loss, rates and the time left, and a line for each measurement on held-out text.</summary>
internal sealed class TrainingProgressLines(IProgressLine line) : IProgress<TrainingProgress>
{
    private double? _measured;

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value.ValidationBitsPerByte is { } bits && bits != _measured)
        {
            _measured = bits;
            line.Line(
                $"step {VocabularyWords.Count(value.Step)}: {VocabularyWords.Number(bits)} bits per byte on held-out text, training loss {VocabularyWords.Number(value.TrainLoss, 3)}");
        }

        line.Report(
            value.Fraction,
            $"step {VocabularyWords.Count(value.Step)}, loss {VocabularyWords.Number(value.TrainLoss, 3)}, {VocabularyWords.Large(value.BytesPerSecond)}B/s, "
                + $"{VocabularyWords.Large(value.TokensPerSecond)} tokens/s, {VocabularyWords.Duration(Math.Round(value.TimeLeft.TotalSeconds))} left");
    }
}
