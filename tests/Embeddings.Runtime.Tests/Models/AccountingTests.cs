using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>What a description says of parameters, operations and memory, against instances and formulas.</summary>
public sealed class AccountingTests
{
    public static TheoryData<string> Names => [.. ModelFixture.All.Select(variant => variant.Name)];

    /// <summary>Parameters neither overlap nor leave gaps, trainable ones first; segments cover exactly these; arenas have the sizes said.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_and_memory_are_those_of_the_arenas(string name)
    {
        ModelDescription description = ModelFixture.All.Single(variant => variant.Name == name).Description;
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = ModelFixture.All.Single(variant => variant.Name == name)
            .CreateSingle(ModelFixture.Options(description, pool));
        var owners = new string?[model.Parameters.Length];
        foreach (ParameterBlock block in description.Parameters)
        {
            for (int layer = 0; layer < block.Layers; layer++)
            {
                for (long i = 0; i < block.Count; i++)
                {
                    long at = block.LayerOffset(layer) + i;
                    Assert.Null(owners[at]);
                    owners[at] = block.Name;
                    Assert.Equal(block.Frozen, at >= description.TrainableCount);
                }
            }
        }

        Assert.False(owners.Any(owner => owner is null), "the parameters leave gaps");
        Assert.Equal(description.TrainableCount, model.Gradients.Length);
        long covered = 0;
        foreach (OptimizerSegment segment in description.Segments)
        {
            Assert.Equal(covered, segment.Offset);
            covered += segment.Count;
        }

        Assert.Equal(description.TrainableCount, covered);
        using var state = new OptimizerState<float>(description);
        long bytes = sizeof(float) * (model.Parameters.Length + description.GradientCount + state.FirstMoment.Length + state.SecondMoment.Length
            + description.ActivationsPerToken * model.Tokens + model.Losses.Length * (1 + description.Architecture.FutureWeights.Length));
        Assert.Equal(bytes, description.TrainingBytes(model.Batch));
    }

    [Fact]
    public void A_plain_transformer_needs_six_operations_for_each_parameter_of_a_product_and_half_the_square_of_attention()
    {
        ModelDescription plain = Plain.Variant.Description;
        Assert.Equal(6.0 * plain.MatMulParameters + 6.0 * 2 * 32 * 12, plain.OperationsPerToken);
        Assert.Equal(plain.OperationsPerToken, plain.FlopsPerToken);
    }

    /// <summary>A further walk computes the gradient of every product's input and of attention, and no gradient of a weight.</summary>
    [Fact]
    public void A_route_costs_its_walks()
    {
        ModelDescription plain = RouteFull.Variant.Description;
        ArchitectureDescription shape = plain.Architecture;
        long head = (long)plain.VocabularySize * shape.Width;
        double walk = 2.0 * (plain.MatMulParameters - head) + 4.0 * shape.Layers * shape.Width * shape.Context;
        Assert.Equal(plain.OperationsPerToken + walk, RouteOwnPosition.Variant.Description.OperationsPerToken);
        Assert.Equal(plain.OperationsPerToken + walk, RouteCrossPosition.Variant.Description.OperationsPerToken);
        Assert.Equal(plain.OperationsPerToken + 3 * walk, RouteNearby.Variant.Description.OperationsPerToken);
        Assert.Equal(plain.OperationsPerToken + 2 * walk + 4.0 * head, RoutePermuted.Variant.Description.OperationsPerToken);
        Assert.Equal(plain.OperationsPerToken, RouteNone.Variant.Description.OperationsPerToken);
    }

    [Fact]
    public void A_window_visits_fewer_pairs()
    {
        ModelDescription plain = WithRotary.Variant.Description;
        double perLayer = 12.0 * 32 * (12 / 2.0 - (3 - 9 / 24.0));
        Assert.Equal(plain.OperationsPerToken - 2 * perLayer, WithOneWindow.Variant.Description.OperationsPerToken, 1e-9);
    }
}
