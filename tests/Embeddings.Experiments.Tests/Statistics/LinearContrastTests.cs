using Embeddings.Experiments.Statistics;

namespace Embeddings.Experiments.Tests.Statistics;

public sealed class LinearContrastTests
{
    private static readonly Dictionary<string, IReadOnlyDictionary<ulong, double>> s_values = new()
    {
        ["a"] = new Dictionary<ulong, double> { [1] = 2.0, [2] = 2.5, [3] = 2.25 },
        ["b"] = new Dictionary<ulong, double> { [1] = 1.5, [2] = 1.75, [3] = 1.5 },
        ["c"] = new Dictionary<ulong, double> { [2] = 2.0, [1] = 1.75 },
    };

    [Fact]
    public void Difference_is_taken_within_each_seed() =>
        Assert.Equal([(1UL, 0.5), (2UL, 0.75), (3UL, 0.75)], LinearContrast.Difference("a", "b").PerSeed(s_values));

    [Fact]
    public void Interaction_is_the_difference_of_two_gains()
    {
        // (2 − 1.5) − (2 − 1.75) and (2.5 − 1.75) − (2.5 − 2).
        var interaction = LinearContrast.DifferenceInDifferences("a", "b", "a", "c");
        Assert.Equal([(1UL, 0.25), (2UL, 0.25)], interaction.PerSeed(s_values));
    }

    [Fact]
    public void Cell_on_both_sides_of_an_interaction_cancels()
    {
        var interaction = LinearContrast.DifferenceInDifferences("a", "b", "a", "c");
        Assert.Equal(["b", "c"], interaction.Terms.Select(term => term.Cell).Order());
    }

    [Fact]
    public void Seeds_that_miss_a_cell_are_left_out() =>
        Assert.Equal([1UL, 2UL], LinearContrast.Difference("a", "c").PerSeed(s_values).Select(seed => seed.Seed));

    [Fact]
    public void Unknown_cell_has_no_values() => Assert.Empty(LinearContrast.Difference("a", "missing").PerSeed(s_values));

    [Fact]
    public void Shift_common_to_all_cells_of_a_seed_cancels()
    {
        var shifted = s_values.ToDictionary(
            cell => cell.Key,
            cell => (IReadOnlyDictionary<ulong, double>)cell.Value.ToDictionary(seed => seed.Key, seed => seed.Value + 4 * seed.Key));
        var contrast = LinearContrast.DifferenceInDifferences("a", "b", "b", "c");
        Assert.Equal(contrast.PerSeed(s_values), contrast.PerSeed(shifted));
    }
}
