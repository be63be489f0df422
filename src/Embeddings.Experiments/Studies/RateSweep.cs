using System.Collections.Immutable;
using Embeddings.Models;

namespace Embeddings.Experiments.Studies;

/// <summary>
/// The choice of a learning rate for each variant: every factor of the design once, on a seed that no other run uses, and then the best
/// for all seeds. One rate for all would favour the arms that it happens to suit.
/// </summary>
/// <param name="Points">A run each, the factors of a variant together.</param>
public sealed record RateSweep(ImmutableArray<RateSweep.Point> Points)
{
    private const ulong Seed = 0;

    /// <summary>No sweep: every variant keeps the rates that it declares.</summary>
    public static RateSweep None { get; } = new([]);

    /// <summary>What a factor gave.</summary>
    /// <param name="Variant">The variant's name.</param>
    /// <param name="RateScale">Factor on every learning rate that it declares.</param>
    /// <param name="ValidationBitsPerByte">Bits per byte on the held-out text.</param>
    /// <param name="IsChosen">Whether it is the variant's best, the smaller of equals.</param>
    public sealed record Point(string Variant, double RateScale, double ValidationBitsPerByte, bool IsChosen);

    /// <summary>The runs that choose, at the budget of equal bytes.</summary>
    public static ImmutableArray<RunRequest> Requests(VocabularyDesign design, Func<string, Variant> find) =>
        [.. design.Arms.Select(arm => arm.Variant).Distinct().SelectMany(name => design.RateScales.Select(
            scale => new RunRequest(find(name), Seed, design.BytesPerRun, scale)))];

    /// <summary>Takes the best factor of each variant.</summary>
    /// <param name="runs">The results of <see cref="Requests"/>.</param>
    public static RateSweep Choose(IEnumerable<RunResult> runs) => new(
        [.. runs.GroupBy(run => run.Variant).SelectMany(variant =>
        {
            RunResult best = variant.OrderBy(run => run.ValidationBitsPerByte).ThenBy(run => run.RateScale).First();
            return variant.Select(run => new Point(run.Variant, run.RateScale, run.ValidationBitsPerByte, run == best));
        })]);

    /// <summary>The variants whose best factor is the smallest or largest of several, so that a better one may lie beyond.</summary>
    public static IEnumerable<string> AtTheEdge(IEnumerable<Point> points) => points.GroupBy(point => point.Variant)
        .Where(variant => variant.Single(point => point.IsChosen).RateScale is var chosen
            && (chosen == variant.Min(point => point.RateScale) || chosen == variant.Max(point => point.RateScale)))
        .Select(variant => variant.Key);

    /// <summary>The factor that a variant trains with.</summary>
    public double Of(string variant) => Points.FirstOrDefault(point => point.Variant == variant && point.IsChosen)?.RateScale ?? 1;
}
