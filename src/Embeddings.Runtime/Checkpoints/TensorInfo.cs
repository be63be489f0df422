using System.Collections.Immutable;

namespace Embeddings.Checkpoints;

/// <summary>A tensor as a safetensors header lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Element">Type of its elements.</param>
/// <param name="Shape">Its dimensions; none for a scalar.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte behind its last.</param>
public sealed record TensorInfo(string Name, TensorElement Element, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>The shape in words, such as <c>[256, 64]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
