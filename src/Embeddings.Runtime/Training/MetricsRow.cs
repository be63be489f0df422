namespace Embeddings.Training;

/// <summary>One line of <c>metrics.jsonl</c>: a step.</summary>
/// <param name="Step">Optimizer steps made, this one included.</param>
/// <param name="Bytes">Bytes of training text seen.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Flops">Floating-point operations of forward and backward passes.</param>
/// <param name="Seconds">Seconds spent in training steps, without evaluation and saving.</param>
/// <param name="TrainLoss">Mean loss of the step in nats per token, before its update.</param>
/// <param name="RateFactor">The schedule's factor on the learning rates.</param>
/// <param name="GradientNorm">Global norm of the gradient before clipping.</param>
/// <param name="ValidationBitsPerByte">Bits per byte on held-out text after the step; null where it was not measured.</param>
public sealed record MetricsRow(
    long Step, long Bytes, long Tokens, double Flops, double Seconds, double TrainLoss, double RateFactor, double GradientNorm,
    double? ValidationBitsPerByte);
