using System.Collections.Immutable;
using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Reports.Charts;

/// <summary>One estimate with its interval.</summary>
/// <param name="Label">What is estimated.</param>
/// <param name="Estimate">The estimate.</param>
/// <param name="Low">Lower end; NaN without an interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Verdict">What follows.</param>
public sealed record ForestRow(string Label, double Estimate, double Low, double High, Verdict Verdict);

/// <summary>Estimates with intervals below each other around a line at zero.</summary>
public sealed record ForestChart
{
    /// <summary>What the picture shows, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Horizontal axis.</summary>
    public required string XLabel { get; init; }

    /// <summary>Half-width of the band around zero that counts as no difference.</summary>
    public required double Margin { get; init; }

    /// <summary>Estimates, from the top.</summary>
    public required ImmutableArray<ForestRow> Rows { get; init; }
}
