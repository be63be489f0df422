namespace Embeddings.Experiments.Studies;

/// <summary>Where a run stands.</summary>
/// <param name="Fraction">Share of the run that is done, in [0, 1].</param>
/// <param name="Step">Steps made.</param>
/// <param name="Loss">Loss of the last step in nats per token.</param>
/// <param name="BytesPerSecond">Training text read per second.</param>
/// <param name="TokensPerSecond">Tokens trained on per second.</param>
public readonly record struct RunProgress(double Fraction, long Step, double Loss, double BytesPerSecond, double TokensPerSecond);
