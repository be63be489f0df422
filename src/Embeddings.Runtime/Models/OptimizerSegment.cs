namespace Embeddings.Models;

/// <summary>A contiguous stretch of the parameter arena with one set of optimizer settings.</summary>
/// <param name="Group">The declared group.</param>
/// <param name="Decays">Whether weight decay applies (matrices) or not (vectors).</param>
/// <param name="Offset">Elements before it.</param>
/// <param name="Count">Elements.</param>
public readonly record struct OptimizerSegment(ParameterGroup Group, bool Decays, long Offset, long Count);
