namespace Embeddings.Training;

/// <summary>Where a run stands, reported after every step on the thread that trains.</summary>
/// <param name="Step">Optimizer steps made.</param>
/// <param name="Fraction">Share of the budget spent.</param>
/// <param name="Bytes">Bytes of training text seen.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="TrainLoss">Mean loss of the step in nats per token.</param>
/// <param name="ValidationBitsPerByte">The last measured; null where none was.</param>
/// <param name="BytesPerSecond">Rate over the last seconds of training, without evaluation and saving.</param>
/// <param name="TokensPerSecond">Rate over the last seconds of training, without evaluation and saving.</param>
/// <param name="TimeLeft">Wall-clock time that the rest will take, at the pace of this session.</param>
public readonly record struct TrainingProgress(
    long Step,
    double Fraction,
    long Bytes,
    long Tokens,
    double TrainLoss,
    double? ValidationBitsPerByte,
    double BytesPerSecond,
    double TokensPerSecond,
    TimeSpan TimeLeft);
