using System.Collections.Immutable;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>A point with its interval; the ends are NaN where there is none.</summary>
/// <param name="X">Place on the horizontal axis.</param>
/// <param name="Y">Height.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Note">Shown when the pointer rests on it.</param>
public sealed record ChartPoint(double X, double Y, double Low, double High, string Note);

/// <summary>Points that belong together.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Style">Colour and marker, 0 … 4.</param>
/// <param name="Points">In order of x.</param>
public sealed record ChartSeries(string Name, int Style, ImmutableArray<ChartPoint> Points);

/// <summary>A value marked on an axis.</summary>
/// <param name="Value">The value.</param>
/// <param name="Label">Its text.</param>
public readonly record struct ChartTick(double Value, string Label);

/// <summary>Lines or points with intervals over a logarithmic horizontal axis.</summary>
public sealed record SeriesChart
{
    /// <summary>What the picture shows, in a sentence; read out in place of the picture.</summary>
    public required string Description { get; init; }

    /// <summary>Horizontal axis.</summary>
    public required string XLabel { get; init; }

    /// <summary>Vertical axis.</summary>
    public required string YLabel { get; init; }

    /// <summary>Marked values of the horizontal axis; null marks round values.</summary>
    public ImmutableArray<ChartTick>? XTicks { get; init; }

    /// <summary>Whether the points of a series are joined.</summary>
    public bool Joined { get; init; } = true;

    /// <summary>The data.</summary>
    public required ImmutableArray<ChartSeries> Series { get; init; }

    /// <summary>Horizontal lines drawn across for comparison.</summary>
    public ImmutableArray<ChartTick> Levels { get; init; } = [];
}
