using System;

namespace Embeddings;

/// <summary>
/// Declares value embeddings (arXiv 2410.17897 adds the first layer's values to later ones; here, as in later practice, each chosen layer
/// has a table of its own): attention reads v + λ·e, where e is the row of the position's token in a learned table [V, key-value heads · D]
/// and λ a learned number of the layer. Tables start at 0 and λ at 1, so that the model starts as the one without. Default: none.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ValueEmbeddingsAttribute : Attribute
{
    /// <summary>Declares which layers have a table.</summary>
    /// <param name="pattern">One letter a layer, repeated over the layers: V for a table, N for none.</param>
    public ValueEmbeddingsAttribute(string pattern) => Pattern = pattern;

    /// <summary>One letter a layer, repeated over the layers: V for a table, N for none.</summary>
    public string Pattern { get; }
}
