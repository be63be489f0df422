namespace Embeddings.Data;

/// <summary>Where a <see cref="TokenStream"/> stands; all that is needed to go on from there.</summary>
/// <param name="Epoch">Pass over the data, from 0.</param>
/// <param name="EpochToken">Tokens of this pass already taken.</param>
/// <param name="Tokens">Tokens taken in all.</param>
/// <param name="Bytes">Bytes those tokens stand for.</param>
public readonly record struct StreamPosition(long Epoch, long EpochToken, long Tokens, long Bytes);
