using System;

namespace Embeddings;

/// <summary>
/// Declares that layers attend to a window of positions (arXiv 2004.05150), in a pattern over the layers. Default: every layer attends to
/// all earlier positions.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SlidingWindowAttribute : Attribute
{
    /// <summary>Declares the window.</summary>
    /// <param name="positions">Positions that a query sees, itself included; from 1 to T.</param>
    public SlidingWindowAttribute(int positions) => Positions = positions;

    /// <summary>Positions that a query sees, itself included.</summary>
    public int Positions { get; }

    /// <summary>One letter a layer, repeated over the layers: L for the window, G for all earlier positions.</summary>
    public string Pattern { get; set; } = "L";
}
