using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// What a CUDA step keeps for the user, and what changes in it after some steps; that its gradients are the processor's under every route is
/// <see cref="CudaRoutedModelTests"/>'s.
/// </summary>
public sealed class CudaRouteTests
{
    private const int Batch = 2;

    /// <summary>Rows of one target's gradient on every embedding, states and logits, from one call with loss weights.</summary>
    [Theory]
    [InlineData(nameof(WithCaptures), CudaElement.Single, 1e-4)]
    [InlineData(nameof(WithPlainCaptures), CudaElement.Single, 1e-4)]
    [InlineData(nameof(WithCapturesAndRoute), CudaElement.Single, 1e-4)]
    [InlineData(nameof(WithPlainCaptures), CudaElement.BFloat16, 0.05)]
    public void Captures_and_loss_weights_are_those_of_the_processor(string name, CudaElement element, double tolerance)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pool = new WorkerPool(1);
        (CompiledModel<float> expected, CudaModel actual) = Create(name, device, pool, element);
        using CompiledModel<float> onProcessor = expected;
        using CudaModel onDevice = actual;
        (int[] tokens, int[] targets) = ModelFixture.Batch(expected, 3);
        int context = expected.Description.Architecture.Context;
        foreach (int target in new[] { 3, context + 7 })
        {
            double[] weights = new double[tokens.Length];
            weights[target] = 2;
            expected.BeginStep();
            actual.BeginStep();
            expected.Backpropagate(tokens, targets, weights);
            actual.Backpropagate(tokens, targets, weights);
            ReadOnlySpan<float> rows = actual.Captured(CapturePoints.EmbeddingGradient);
            ShouldBeNear(expected.Captured(CapturePoints.EmbeddingGradient), rows, tolerance);
            int width = rows.Length / tokens.Length;
            for (int row = 0; row < tokens.Length; row++)
            {
                bool reaches = row <= target && row / context == target / context;
                Assert.Equal(reaches, rows.Slice(row * width, width).ContainsAnyExcept(0f));
            }

            using var gradients = new Arena<float>(expected.Gradients.Length);
            actual.DownloadGradients(gradients);
            ShouldBeNear(
                expected.Gradients.Slice(0, (int)gradients.Length), gradients.Slice(0, (int)gradients.Length), tolerance);
        }

        for (int layer = 0; layer <= expected.Description.Architecture.Layers; layer++)
        {
            ShouldBeNear(expected.Captured(CapturePoints.States, layer), actual.Captured(CapturePoints.States, layer), tolerance);
        }

        ShouldBeNear(expected.Captured(CapturePoints.Logits), actual.Captured(CapturePoints.Logits), tolerance);

        // A pass without weights after one with them has none.
        expected.BeginStep();
        actual.BeginStep();
        expected.Backpropagate(tokens, targets, 1);
        actual.Backpropagate(tokens, targets, 1);
        ShouldBeNear(expected.Captured(CapturePoints.EmbeddingGradient), actual.Captured(CapturePoints.EmbeddingGradient), tolerance);
    }

    [Fact]
    public void What_is_not_declared_is_refused()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pool = new WorkerPool(1);
        (CompiledModel<float> expected, CudaModel actual) = Create(nameof(Plain), device, pool, CudaElement.Single);
        using CompiledModel<float> onProcessor = expected;
        using CudaModel onDevice = actual;
        Assert.Contains(
            "add [Capture(CapturePoints.Logits)]", Assert.Throws<ArgumentException>(() => actual.Captured(CapturePoints.Logits).ToArray()).Message);
        int[] ids = new int[actual.Tokens];
        Assert.Contains("loss weights", Assert.Throws<ArgumentException>(() => actual.Backpropagate(ids, ids, new double[3])).Message);
    }

    /// <summary>Steps enough that the passes before the change and after it are graphs.</summary>
    [Theory]
    [InlineData(nameof(RouteStops))]
    [InlineData(nameof(RouteOwnPositionStops))]
    public void Rows_stop_after_the_declared_step_and_keep_their_bits(string name)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pool = new WorkerPool(1);
        (CompiledModel<float> expected, CudaModel actual) = Create(name, device, pool, CudaElement.Single);
        using CompiledModel<float> onProcessor = expected;
        using CudaModel onDevice = actual;
        using var expectedState = new OptimizerState<float>(expected.Description);
        using var actualState = new OptimizerState<float>(expected.Description);
        actual.TakeFromHost(actualState);
        ParameterBlock table = expected.Description.Parameters.Single(block => block.Name == "Embedding.Table");
        var rows = new List<float[]> { Rows() };
        for (int step = 0; step < 5; step++)
        {
            (int[] tokens, int[] targets) = ModelFixture.Batch(expected, (ulong)step);
            (LanguageModel<float> Model, OptimizerState<float> State)[] both = [(expected, expectedState), (actual, actualState)];
            foreach ((LanguageModel<float> model, OptimizerState<float> state) in both)
            {
                model.BeginStep();
                model.Backpropagate(tokens, targets, 1.0 / tokens.Length);
                model.EndStep(state, 1);
            }

            StepOutcome outcome = actual.ReadStep();
            Assert.Equal(expected.ReadStep().GradientNorm, outcome.GradientNorm, outcome.GradientNorm * 1e-3);
            rows.Add(Rows());
        }

        Assert.NotEqual(rows[0], rows[1]);
        Assert.NotEqual(rows[1], rows[2]);
        Assert.All(rows.Skip(3), after => Assert.Equal(rows[2], after));

        float[] Rows()
        {
            actual.BringToHost(null);
            return actual.Parameters.Slice(table.Offset, (int)table.Count).ToArray();
        }
    }

    private static (CompiledModel<float> Expected, CudaModel Actual) Create(string name, ICudaDevice device, WorkerPool pool, CudaElement element)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        CompiledModel<float> expected = variant.CreateSingle(ModelFixture.Options(variant.Description, pool, Batch));
        Initializer.Initialize(expected, 1);
        ModelFixture.Disturb(expected, 0.1);
        CudaModel actual = variant.CreateCuda!(ModelFixture.Options(variant.Description, device, Batch, element));
        expected.Parameters.Slice(0, (int)expected.Parameters.Length).CopyTo(actual.Parameters.Slice(0, (int)expected.Parameters.Length));
        actual.TakeFromHost(null);
        return (expected, actual);
    }

    private static void ShouldBeNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual[i] - expected[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        Assert.InRange(Math.Sqrt(difference / size), 0, tolerance);
        Assert.NotEqual(0, size);
    }
}
