namespace Embeddings.Experiments.Studies;

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps made.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Loss of the last steps in nats per token.</param>
/// <param name="BytesPerSecond">Training text read per second.</param>
/// <param name="TokensPerSecond">Tokens trained on per second.</param>
public readonly record struct RunProgress(long Step, long Steps, double Loss, double BytesPerSecond, double TokensPerSecond);
