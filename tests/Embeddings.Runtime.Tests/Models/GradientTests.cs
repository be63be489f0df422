using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

public class GradientTests
{
    public static TheoryData<string> Names => [.. ModelFixture.All.Select(variant => variant.Name)];

    /// <summary>Models whose declared gradient is that of the loss.</summary>
    public static TheoryData<string> WholeGradients =>
        [.. ModelFixture.All.Where(variant => variant.Description.Routes.IsWholeGradient).Select(variant => variant.Name)];

    /// <summary>Along a random direction in each parameter, the gradient equals the central difference of the loss, in double.</summary>
    [Theory]
    [MemberData(nameof(WholeGradients))]
    public unsafe void Gradient_equals_finite_differences(string name)
    {
        const double Step = 1e-5;
        Variant variant = ModelFixture.All.Single(variant => variant.Name == name);
        ModelDescription description = variant.Description;
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = variant.CreateDouble(ModelFixture.Options(description, pool));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 3);
        model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
        var random = new RandomStream(11, "direction");
        foreach (ParameterBlock block in description.Parameters.Where(block => !block.Frozen))
        {
            for (int layer = 0; layer < block.Layers; layer++)
            {
                double* values = model.Parameters.Pointer + block.LayerOffset(layer);
                double* gradients = model.Gradients.Pointer + block.LayerOffset(layer);
                double[] direction = [.. Enumerable.Range(0, (int)block.Count).Select(_ => random.NextNormal())];
                double analytic = 0;
                for (int i = 0; i < direction.Length; i++)
                {
                    analytic += direction[i] * gradients[i];
                }

                double numeric = (LossAt(Step) - LossAt(-Step)) / (2 * Step);
                double error = Math.Abs(analytic - numeric) / Math.Max(1e-4, Math.Abs(analytic) + Math.Abs(numeric));
                Assert.True(error < 1e-5, $"{block.LayerName(layer)}: gradient {analytic}, finite difference {numeric}");

                double LossAt(double distance)
                {
                    Move(distance);
                    double objective = model.Objective(tokens, targets);
                    Move(-distance);
                    return objective / model.Tokens;
                }

                void Move(double distance)
                {
                    for (int i = 0; i < direction.Length; i++)
                    {
                        values[i] += distance * direction[i];
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Same_bits_for_one_and_two_threads(string name)
    {
        Variant variant = ModelFixture.All.Single(variant => variant.Name == name);
        Assert.Equal(TrainBits(variant, 1), TrainBits(variant, 2));
    }

    [Fact]
    public unsafe void Frozen_rows_keep_their_bits()
    {
        ModelDescription description = WithFrozenRows.Variant.Description;
        ParameterBlock table = description.Parameters.Single(block => block.Frozen);
        using var pool = new WorkerPool(1);
        using CompiledModel<float> start = WithFrozenRows.Variant.CreateSingle(ModelFixture.Options(description, pool));
        Initializer.Initialize(start, 1);
        float[] before = start.Parameters.Slice(table.Offset, (int)table.Count).ToArray();
        Assert.Contains(before, value => value != 0);
        float[] after = TrainBits(WithFrozenRows.Variant, 1)[(int)table.Offset..];
        Assert.Equal(before, after);
    }

    [Fact]
    public void Tied_head_sends_a_gradient_to_every_row()
    {
        Assert.Equal(0, RowsWithoutGradient(WithTiedHead.Variant));
        Assert.True(RowsWithoutGradient(Plain.Variant) > 200, "an untied table must have no gradient for unseen tokens");
    }

    private static int RowsWithoutGradient(Variant variant)
    {
        ModelDescription description = variant.Description;
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = variant.CreateSingle(ModelFixture.Options(description, pool));
        Initializer.Initialize(model, 1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 3);
        model.Backpropagate(tokens, targets, 1);
        ParameterBlock table = description.Parameters.Single(block => block.Name == "Embedding.Table");
        return Enumerable.Range(0, table.Rows).Count(row =>
            !model.Gradients.Slice(table.Offset + row * table.Columns, table.Columns).ContainsAnyExcept(0f));
    }

    private static float[] TrainBits(Variant variant, int threads)
    {
        ModelDescription description = variant.Description;
        using var pool = new WorkerPool(threads);
        using CompiledModel<float> model = variant.CreateSingle(ModelFixture.Options(description, pool));
        using var state = new OptimizerState<float>(description);
        Initializer.Initialize(model, 1);
        for (ulong step = 0; step < 3; step++)
        {
            (int[] tokens, int[] targets) = ModelFixture.Batch(model, step);
            model.Gradients.Clear();
            model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
            model.Update(state, 1, 1);
        }

        return model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray();
    }
}
