using System.Collections.Immutable;

namespace Embeddings.Experiments.Studies;

/// <summary>The runs of a study, fixed before the first one starts.</summary>
/// <param name="Study">The study's name.</param>
/// <param name="Tier">How much work it takes on.</param>
/// <param name="Seeds">One run of every cell each.</param>
/// <param name="Cells">The design.</param>
public sealed record StudyPlan(string Study, StudyTier Tier, ImmutableArray<ulong> Seeds, ImmutableArray<StudyCell> Cells)
{
    /// <summary>
    /// Every run once, all cells of a seed before the next seed, so that an interrupted study is complete for the seeds it has. Cells
    /// that ask for the same training share a run.
    /// </summary>
    public ImmutableArray<RunRequest> Runs() =>
        [.. Seeds.SelectMany(seed => Cells
            .DistinctBy(cell => (cell.Variant.Name, cell.Bytes))
            .Select(cell => new RunRequest(cell.Variant, seed, cell.Bytes, cell.RateScale)))];

    /// <summary>The cell of a variant on an axis, or null.</summary>
    public StudyCell? Find(string variant, BudgetAxis axis) =>
        Cells.FirstOrDefault(cell => cell.Axis == axis && cell.Variant.Name == variant);
}
