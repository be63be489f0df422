using System.Text.Json.Serialization;

namespace Embeddings.Training;

/// <summary>How a session of training ended.</summary>
public enum TrainingOutcome
{
    /// <summary>The budget is spent.</summary>
    Finished,

    /// <summary>It was stopped before; the checkpoint holds all of it and <see cref="StartMode.Resume"/> goes on.</summary>
    Stopped,
}

/// <summary>Where a run stands at the end of a session.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Step">Optimizer steps made.</param>
/// <param name="Bytes">Bytes of training text seen.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Flops">Floating-point operations of forward and backward passes.</param>
/// <param name="Seconds">Seconds spent in training steps, in all sessions, without evaluation and saving.</param>
/// <param name="TrainLoss">Mean loss of the last step in nats per token; null before the first.</param>
/// <param name="ValidationBitsPerByte">The last measured; null where none was. Of a finished run, that of its end.</param>
public sealed record TrainingResult(
    [property: JsonConverter(typeof(JsonStringEnumConverter<TrainingOutcome>))] TrainingOutcome Outcome,
    long Step,
    long Bytes,
    long Tokens,
    double Flops,
    double Seconds,
    double? TrainLoss,
    double? ValidationBitsPerByte);
