using Embeddings.Experiments.Statistics;
using Embeddings.Experiments.Studies;
using Embeddings.Models;

namespace Embeddings.Experiments.Tests.Studies;

public sealed class VocabularyStudyTests
{
    [Fact]
    public void Interaction_recovers_what_was_put_into_the_runs()
    {
        (_, _, StudyAnalysis analysis) = SyntheticVocabulary.Study();
        ContrastResult interaction = analysis.Contrast(VocabularyContrasts.Primary);
        Assert.Equal(0.05, interaction.Summary.Mean, 0.002);
        Assert.Equal(Verdict.Supported, interaction.Verdict);
        ContrastResult gain = analysis.Contrast(VocabularyContrasts.TableGain);
        Assert.Equal(0.18, gain.Summary.Mean, 0.002);
    }

    [Fact]
    public void Interaction_is_the_difference_of_the_two_gains_seed_by_seed()
    {
        (VocabularyDesign design, _, StudyAnalysis analysis) = SyntheticVocabulary.Study(StudyTier.Full);
        double Bits(int size, EmbeddingKind kind, ulong seed) => analysis.Values[design.Find(size, kind)!.Variant][seed];
        foreach ((ulong seed, double value) in analysis.Contrast(VocabularyContrasts.Primary).PerSeed)
        {
            double expected = Bits(256, EmbeddingKind.Table, seed) - Bits(4096, EmbeddingKind.Table, seed)
                - (Bits(256, EmbeddingKind.Composed, seed) - Bits(4096, EmbeddingKind.Composed, seed));
            Assert.Equal(expected, value, 12);
        }
    }

    [Fact]
    public void Segmentation_alone_gives_an_equivalent_interaction_and_supports_uselessness()
    {
        (VocabularyDesign design, _, StudyAnalysis analysis) = SyntheticVocabulary.Study(score: run =>
            2.5 - 0.04 * Math.Log2(run.Variant.Description.VocabularySize / 256.0)
            + 0.0004 * new RandomStream(run.Seed, run.Variant.Name).NextUniform());
        Assert.Equal(Verdict.Equivalent, analysis.Contrast(VocabularyContrasts.Primary).Verdict);
        var claims = VocabularyClaims.Judge(design, analysis);
        Assert.Equal(Verdict.Supported, claims.Single(claim => claim.Id == "A6").Verdict);
        Assert.Equal(Verdict.Equivalent, claims.Single(claim => claim.Id == "E2").Verdict);
    }

    [Fact]
    public void Gain_whose_sign_depends_on_the_budget_is_inconclusive()
    {
        (VocabularyDesign design, _, StudyAnalysis analysis) = SyntheticVocabulary.Study(score: run =>
            2.5 + (run.Variant.Description.VocabularySize == 256 && run.Bytes == VocabularyDesign.Of(StudyTier.Quick).BytesPerRun ? 0.1 : 0)
            + (run.Variant.Description.VocabularySize == 4096 ? 0.05 : 0)
            + 0.001 * new RandomStream(run.Seed, run.Variant.Name + run.Bytes).NextUniform());
        Assert.Equal(Verdict.Supported, analysis.Contrast(VocabularyContrasts.TableGain).Verdict);
        Assert.Equal(Verdict.Contradicted, analysis.Contrast(VocabularyContrasts.TableGainAtEqualFlops).Verdict);
        Assert.Equal(Verdict.Inconclusive, VocabularyClaims.Judge(design, analysis).Single(claim => claim.Id == "A3").Verdict);
    }

    [Fact]
    public void Sequences_that_do_not_get_shorter_contradict_the_first_claim()
    {
        (VocabularyDesign design, _, StudyAnalysis analysis) = SyntheticVocabulary.Study();
        Assert.Equal(Verdict.Supported, VocabularyClaims.Judge(design, analysis)[0].Verdict);
        StudyAnalysis flat = analysis with { Tokenizers = [.. analysis.Tokenizers.Select(tokenizer => tokenizer with { ValidationBytesPerToken = 2 })] };
        Assert.Equal(Verdict.Contradicted, VocabularyClaims.Judge(design, flat)[0].Verdict);
    }

    [Theory]
    [InlineData(StudyTier.Quick)]
    [InlineData(StudyTier.Full)]
    public void Runs_of_the_second_budget_spend_equal_operations(StudyTier tier)
    {
        (VocabularyDesign design, StudyPlan plan, _) = SyntheticVocabulary.Study(tier);
        double[] flops = [.. plan.Cells.Where(cell => cell.Axis == BudgetAxis.Flops).Select(cell =>
            cell.Bytes / SyntheticVocabulary.BytesPerToken(cell.Variant.Description.VocabularySize) * cell.Variant.Description.FlopsPerToken)];
        Assert.True(flops.Length >= 3);
        Assert.All(flops, value => Assert.Equal(flops[0], value, flops[0] * 1e-5));
        Assert.All(plan.Cells.Where(cell => cell.Axis == BudgetAxis.Bytes), cell => Assert.Equal(design.BytesPerRun, cell.Bytes));
    }

    [Fact]
    public void Largest_vocabulary_serves_both_budgets_with_the_same_runs()
    {
        (_, StudyPlan plan, _) = SyntheticVocabulary.Study();
        Assert.Equal(
            plan.Find("Vocabulary4096", BudgetAxis.Bytes)!.Bytes, plan.Find("Vocabulary4096", BudgetAxis.Flops)!.Bytes);
        Assert.Single(plan.Runs(), run => run.Variant.Name == "Vocabulary4096" && run.Seed == 1);
    }

    [Fact]
    public void Every_seed_has_the_same_runs_and_at_least_three_seeds_are_planned()
    {
        (_, StudyPlan plan, _) = SyntheticVocabulary.Study();
        var perSeed = plan.Runs().GroupBy(run => run.Seed).ToArray();
        Assert.True(perSeed.Length >= 3);
        Assert.All(perSeed, seed => Assert.Equal(
            perSeed[0].Select(run => (run.Variant.Name, run.Bytes)), seed.Select(run => (run.Variant.Name, run.Bytes))));
    }

    [Theory]
    [InlineData(StudyTier.Quick)]
    [InlineData(StudyTier.Full)]
    public void Every_contrast_compares_cells_that_are_planned_and_its_weights_sum_to_zero(StudyTier tier)
    {
        (VocabularyDesign design, StudyPlan plan, _) = SyntheticVocabulary.Study(tier);
        var planned = plan.Cells.Select(cell => cell.Key).ToHashSet();
        Assert.All(VocabularyContrasts.Of(design), definition =>
        {
            Assert.All(definition.Contrast.Terms, term => Assert.Contains(term.Cell, planned));
            Assert.Equal(0, definition.Contrast.Terms.Sum(term => term.Weight), 12);
        });
    }

    [Fact]
    public void Primary_contrast_is_a_family_of_its_own() =>
        Assert.Single(VocabularyContrasts.Of(VocabularyDesign.Of(StudyTier.Quick)), definition => definition.Family == "primary");

    [Fact]
    public void At_256_tokens_composed_and_permuted_rows_are_one_distinct_row_per_token()
    {
        // What lets the quick tier train one model for three kinds.
        byte[][] bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        foreach (EmbeddingKind kind in new[] { EmbeddingKind.Composed, EmbeddingKind.ComposedPermuted, EmbeddingKind.ByteSum })
        {
            Spelling spelling = Spelling.Of(kind, 16, bytes)!;
            Assert.Equal(Enumerable.Range(0, 257), spelling.Starts);
            Assert.Equal(256, spelling.Rows.Distinct().Count());
        }
    }

    [Fact]
    public void Full_tier_measures_two_draws_of_the_same_model()
    {
        (_, _, StudyAnalysis analysis) = SyntheticVocabulary.Study(StudyTier.Full);
        Assert.Equal(Verdict.Equivalent, analysis.Contrast(VocabularyContrasts.SameModel).Verdict);
    }
}
