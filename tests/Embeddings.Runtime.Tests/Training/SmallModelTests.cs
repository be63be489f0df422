using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Training;

/// <summary>The model that the other tests lean on must itself be right.</summary>
public sealed class SmallModelTests
{
    [Fact]
    public void Its_gradient_is_that_of_finite_differences()
    {
        using var pool = new WorkerPool(1);
        Variant variant = SmallModel.Variant(vocabulary: 5, context: 3, batch: 2);
        using CompiledModel<float> model = variant.CreateSingle(new ModelOptions(pool, 2));
        Initializer.Initialize(model, 3);
        int[] tokens = [0, 1, 2, 3, 4, 1];
        int[] targets = [1, 2, CompiledModel<float>.IgnoredTarget, 4, 1, 0];
        model.Gradients.Clear();
        model.Backpropagate(tokens, targets, 1);
        float[] gradients = model.Gradients.Slice(0, (int)model.Gradients.Length).ToArray();
        for (int i = 0; i < gradients.Length; i++)
        {
            const float Step = 1e-2f;
            float value = model.Parameters.Slice(i, 1)[0];
            double LossAt(float at)
            {
                model.Parameters.Slice(i, 1)[0] = at;
                model.Evaluate(tokens, targets);
                return model.LossSum();
            }

            double slope = (LossAt(value + Step) - LossAt(value - Step)) / (2 * Step);
            model.Parameters.Slice(i, 1)[0] = value;
            Assert.Equal(slope, gradients[i], 2e-3);
        }
    }
}
