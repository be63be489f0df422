using System.Collections.Immutable;

namespace Embeddings.Models;

/// <summary>
/// One named parameter in the flat arena. A parameter of the repeated block stands once per layer, <see cref="LayerStride"/> apart.
/// </summary>
/// <param name="Name">Its place in the model, such as <c>Block.Attention.QueryKeyValue.Weight</c>.</param>
/// <param name="Rows">First dimension; 1 for a vector.</param>
/// <param name="Columns">Last dimension.</param>
/// <param name="Offset">Elements before it (its first layer) in the arena.</param>
/// <param name="Layers">Copies; 1 outside the repeated block.</param>
/// <param name="LayerStride">Elements from one layer's copy to the next.</param>
/// <param name="Group">The optimizer settings that hold for it.</param>
/// <param name="Initialization">How it starts.</param>
/// <param name="Frozen">Whether it is never updated; frozen parameters stand last and have no gradient.</param>
public sealed record ParameterBlock(
    string Name,
    int Rows,
    int Columns,
    long Offset,
    int Layers,
    long LayerStride,
    ParameterGroup Group,
    Initialization Initialization,
    bool Frozen)
{
    /// <summary>Elements of one copy.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>Whether the parameter has two dimensions; only those decay.</summary>
    public bool IsMatrix => Rows > 1;

    /// <summary>The layer of each copy, where not every layer has one; empty where copies are layers.</summary>
    public ImmutableArray<int> OnLayers { get; init; } = [];

    /// <summary>The name of one copy, as in checkpoints: <c>Block.Attention…</c> of layer 3 is <c>Blocks.3.Attention…</c>.</summary>
    /// <param name="copy">The layer, or its number among the layers that have a copy.</param>
    public string LayerName(int copy) => Name.StartsWith("Block.", StringComparison.Ordinal)
        ? $"Blocks.{(OnLayers.IsEmpty ? copy : OnLayers[copy])}.{Name["Block.".Length..]}"
        : Name;

    /// <summary>Offset of one copy.</summary>
    /// <param name="copy">The layer, or its number among the layers that have a copy.</param>
    public long LayerOffset(int copy) => Offset + copy * LayerStride;
}
