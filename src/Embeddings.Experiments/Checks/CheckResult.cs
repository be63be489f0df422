namespace Embeddings.Experiments.Checks;

/// <summary>How a check of a variant ended.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Check">What was checked.</param>
/// <param name="Passed">Whether it held; null where it does not apply.</param>
/// <param name="Detail">What was found, in a few words.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record CheckResult(string Variant, string Check, bool? Passed, string Detail, double Seconds);

/// <summary>What a check found.</summary>
/// <param name="Passed">Whether it held; null where it does not apply.</param>
/// <param name="Detail">In a few words.</param>
internal readonly record struct Finding(bool? Passed, string Detail);
