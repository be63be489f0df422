using Embeddings.Cpu;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Experiments.Tests.Variants;

/// <summary>The row of each option in <c>variants</c>, against the memory of an instance.</summary>
public sealed class VariantSummaryTests
{
    private const double MiB = 1 << 20;

    public static TheoryData<string> Names =>
        [.. VariantCatalog.All.Where(variant => variant.Name.StartsWith("Baseline", StringComparison.Ordinal)).Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_and_memory_are_those_of_the_arenas(string name)
    {
        Variant variant = VariantCatalog.Find(name);
        ModelDescription description = variant.Description;
        var summary = VariantSummary.Of(description, bytesPerToken: 3);
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = variant.CreateSingle(
            SyntheticTokens.VocabulariesOf(description).Options(description, pool, description.Training.BatchSize));
        using var state = new OptimizerState<float>(description);
        Assert.Equal(model.Parameters.Length, summary.InputParameters + summary.OutputParameters + summary.BodyParameters);
        Assert.Equal(model.Gradients.Length, summary.TrainableParameters);
        Assert.Equal(sizeof(float) * model.Parameters.Length / MiB, summary.MemoryMiB.Parameters);
        Assert.Equal(sizeof(float) * model.Gradients.Length / MiB, summary.MemoryMiB.Gradients);
        Assert.Equal(sizeof(float) * (state.FirstMoment.Length + state.SecondMoment.Length) / MiB, summary.MemoryMiB.Optimizer);
        long further = model.Losses.Length * summary.FutureTargets;
        Assert.Equal(
            sizeof(float) * (description.ActivationsPerToken * model.Tokens + model.Losses.Length + further) / MiB, summary.MemoryMiB.Activations);
        Assert.Equal(summary.FlopsPerToken / 3, summary.FlopsPerByte);
    }

    /// <summary>An option that adds rows adds their parameters and no operations; one that adds products adds six operations for each element.</summary>
    [Fact]
    public void An_option_costs_what_it_adds_to_the_baseline()
    {
        VariantSummary plain = Of("Baseline"), values = Of("BaselineValueEmbeddings"), tables = Of("BaselineTwoTables");
        Assert.Equal((2 * 1024 * 128, 0.0), (values.InputParameters - plain.InputParameters, values.FlopsPerToken - plain.FlopsPerToken));
        Assert.Equal((4096 * 128, 0.0), (tables.InputParameters - plain.InputParameters, tables.FlopsPerToken - plain.FlopsPerToken));
        VariantSummary future = Of("BaselineFutureTargets"), bytes = Of("BaselineBytesHead");
        Assert.Equal(2 * 6.0 * (128 * 128 + 1024 * 128), future.FlopsPerToken - plain.FlopsPerToken);
        Assert.Equal(6.0 * (64 * 128 - 1024 * 128 + 4 * 257 * 64), bytes.FlopsPerToken - plain.FlopsPerToken);
        Assert.Equal(64 * 128 + 8 * 256 * 64 + 257 * 64, bytes.OutputParameters);
        Assert.Equal((1024, 256), (Of("BaselineBytesToTokens").VocabularySize, Of("BaselineBytesToTokens").InputVocabularySize));
        Assert.Equal((256, 1024), (Of("BaselineTokensToBytes").VocabularySize, Of("BaselineTokensToBytes").InputVocabularySize));
        Assert.Equal(4096, tables.SecondVocabularySize);

        static VariantSummary Of(string name) => VariantSummary.Of(VariantCatalog.Find(name).Description, bytesPerToken: 3);
    }
}
