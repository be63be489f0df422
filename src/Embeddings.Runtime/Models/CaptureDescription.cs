namespace Embeddings.Models;

/// <summary>A tensor that every pass keeps.</summary>
/// <param name="Point">What it is.</param>
/// <param name="Offset">Elements per token before it in the activation arena.</param>
/// <param name="Columns">Elements of a row; there is a row for each token.</param>
/// <param name="Copies">Tensors of this kind, one after the other.</param>
public sealed record CaptureDescription(CapturePoints Point, long Offset, int Columns, int Copies);
