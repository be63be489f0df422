namespace Embeddings.Models;

/// <summary>A contiguous stretch of the parameter arena with one set of optimizer settings.</summary>
/// <param name="Group">The declared group.</param>
/// <param name="Decays">Whether weight decay applies (matrices) or not (vectors).</param>
/// <param name="Offset">Elements before it.</param>
/// <param name="Count">Elements.</param>
/// <param name="StartsAfter">Steps after which it is trained; 0 is from the start.</param>
/// <param name="StopsAfter">Steps after which it is no longer trained; 0 is never.</param>
public readonly record struct OptimizerSegment(ParameterGroup Group, bool Decays, long Offset, long Count, int StopsAfter = 0, int StartsAfter = 0);
