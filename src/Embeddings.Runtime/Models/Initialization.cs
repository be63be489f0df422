namespace Embeddings.Models;

/// <summary>How a parameter starts.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="StandardDeviation">Of <see cref="InitializationKind.Normal"/>; of <see cref="InitializationKind.BinaryCode"/>, the size of every element.</param>
public readonly record struct Initialization(InitializationKind Kind, double StandardDeviation = 0);

/// <summary>A distribution that parameters are drawn from.</summary>
public enum InitializationKind
{
    /// <summary>All 0.</summary>
    Zeros,

    /// <summary>All 1.</summary>
    Ones,

    /// <summary>Normal around 0.</summary>
    Normal,

    /// <summary>Element (r, c) is positive where bit c mod b of r is 1 and negative where it is 0, with b bits for the largest r.</summary>
    BinaryCode,
}
