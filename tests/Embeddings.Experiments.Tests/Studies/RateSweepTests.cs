using Embeddings.Experiments.Studies;

namespace Embeddings.Experiments.Tests.Studies;

public sealed class RateSweepTests
{
    [Fact]
    public void Each_variant_takes_its_best_rate_on_every_axis()
    {
        RateSweep sweep = SyntheticVocabulary.Sweep(run => run.Variant.Name switch
        {
            "Vocabulary256" => run.RateScale,
            "Vocabulary4096" => -run.RateScale,
            _ => Math.Abs(run.RateScale - 1),
        });
        Assert.Equal((0.5, 2.0, 1.0), (sweep.Of("Vocabulary256"), sweep.Of("Vocabulary4096"), sweep.Of("Vocabulary1024Composed")));
        StudyPlan plan = VocabularyStudy.Plan(VocabularyDesign.Of(StudyTier.Full), SyntheticVocabulary.Variant, new SyntheticVocabulary(), sweep);
        Assert.All(plan.Cells, cell => Assert.Equal(sweep.Of(cell.Variant.Name), cell.RateScale));
        Assert.All(plan.Runs(), run => Assert.Equal(sweep.Of(run.Variant.Name), run.RateScale));
        Assert.Contains(plan.Cells, cell => cell is { Axis: BudgetAxis.Flops, RateScale: 0.5 });
    }

    [Fact]
    public void The_runs_that_choose_use_a_seed_of_their_own_and_the_same_text()
    {
        VocabularyDesign design = VocabularyDesign.Of(StudyTier.Full);
        var requests = RateSweep.Requests(design, SyntheticVocabulary.Variant);
        Assert.Equal(3 * design.Arms.Select(arm => arm.Variant).Distinct().Count(), requests.Length);
        Assert.All(requests, request => Assert.Equal(design.BytesPerRun, request.Bytes));
        ulong seed = Assert.Single(requests.Select(request => request.Seed).Distinct());
        Assert.DoesNotContain(seed, VocabularyStudy.Plan(design, SyntheticVocabulary.Variant, new SyntheticVocabulary(), RateSweep.None).Seeds);
    }

    [Fact]
    public void A_best_rate_at_the_edge_is_told()
    {
        RateSweep sweep = SyntheticVocabulary.Sweep(run => run.Variant.Name == "Vocabulary256" ? run.RateScale : Math.Abs(run.RateScale - 1));
        Assert.Equal(["Vocabulary256"], RateSweep.AtTheEdge(sweep.Points));
        Assert.Empty(RateSweep.AtTheEdge(RateSweep.None.Points));
    }

    [Fact]
    public void Without_a_sweep_every_variant_keeps_what_it_declares()
    {
        Assert.Empty(RateSweep.Requests(VocabularyDesign.Of(StudyTier.Quick), SyntheticVocabulary.Variant));
        Assert.Equal(1, RateSweep.None.Of("Vocabulary256"));
    }

    [Fact]
    public void Of_equal_rates_the_smaller_is_taken() => Assert.Equal(0.5, SyntheticVocabulary.Sweep(_ => 2.5).Of("Vocabulary4096"));
}
