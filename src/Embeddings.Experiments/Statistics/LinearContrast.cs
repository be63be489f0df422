using System.Collections.Immutable;

namespace Embeddings.Experiments.Statistics;

/// <summary>One cell of a design and its factor in a contrast.</summary>
/// <param name="Weight">The factor.</param>
/// <param name="Cell">The cell's key.</param>
public readonly record struct ContrastTerm(double Weight, string Cell);

/// <summary>
/// A weighted sum of the cells of a design, taken within each seed, so that what a seed does to every cell (the order of the data, the
/// starting values of the body) cancels.
/// </summary>
/// <param name="Terms">The cells and their factors.</param>
public sealed record LinearContrast(ImmutableArray<ContrastTerm> Terms)
{
    /// <summary><c>first − second</c>.</summary>
    public static LinearContrast Difference(string first, string second) => new([new(1, first), new(-1, second)]);

    /// <summary>
    /// The interaction of two factors, <c>(smallFirst − largeFirst) − (smallSecond − largeSecond)</c>: how much larger the gain from small
    /// to large is under the first treatment than under the second. A cell that stands on both sides cancels.
    /// </summary>
    public static LinearContrast DifferenceInDifferences(string smallFirst, string largeFirst, string smallSecond, string largeSecond) =>
        Difference(smallFirst, largeFirst).Minus(1, Difference(smallSecond, largeSecond));

    /// <summary><c>this − factor · other</c>, with equal cells merged.</summary>
    public LinearContrast Minus(double factor, LinearContrast other)
    {
        IEnumerable<ContrastTerm> terms = Terms.Concat(other.Terms.Select(term => term with { Weight = -factor * term.Weight }));
        return new LinearContrast([.. terms
            .GroupBy(term => term.Cell)
            .Select(group => new ContrastTerm(group.Sum(term => term.Weight), group.Key))
            .Where(term => term.Weight != 0)]);
    }

    /// <summary>The contrast of every seed that has all cells, in order of seed.</summary>
    /// <param name="values">The value of each seed in each cell.</param>
    public ImmutableArray<(ulong Seed, double Value)> PerSeed(IReadOnlyDictionary<string, IReadOnlyDictionary<ulong, double>> values)
    {
        var cells = new List<(double Weight, IReadOnlyDictionary<ulong, double> Seeds)>();
        foreach (ContrastTerm term in Terms)
        {
            if (!values.TryGetValue(term.Cell, out IReadOnlyDictionary<ulong, double>? seeds))
            {
                return [];
            }

            cells.Add((term.Weight, seeds));
        }

        if (cells.Count == 0)
        {
            return [];
        }

        return [.. cells[0].Seeds.Keys
            .Where(seed => cells.TrueForAll(cell => cell.Seeds.ContainsKey(seed)))
            .Order()
            .Select(seed => (seed, cells.Sum(cell => cell.Weight * cell.Seeds[seed])))];
    }
}
