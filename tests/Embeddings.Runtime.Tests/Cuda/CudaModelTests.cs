using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Generated CUDA steps on the emulator against the same variants on the processor.</summary>
public sealed unsafe class CudaModelTests
{
    public static TheoryData<string> Names => [.. ModelFixture.All.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_in_fp32_equals_that_of_the_processor(string name)
    {
        using EmulatedDevice device = EmulatedDevice.OrSkip();
        Variant variant = ModelFixture.All.Single(variant => variant.Name == name);
        Assert.SkipWhen(variant.CreateCuda is null, variant.CudaRefusal ?? "");
        using var pool = new WorkerPool(1);
        using CompiledModel<float> expected = variant.CreateSingle(ModelFixture.Options(variant.Description, pool));
        Initializer.Initialize(expected, 1);
        ModelFixture.Disturb(expected, 0.05);
        using CudaModel actual = variant.CreateCuda!(new CudaModelOptions(device, 3, CudaElement.Single, ModelFixture.SpellingOf(variant.Description)) { LogitRows = 20 });
        expected.Parameters.Slice(0, (int)expected.Parameters.Length).CopyTo(actual.Parameters.Slice(0, (int)actual.Parameters.Length));
        using var expectedState = new OptimizerState<float>(variant.Description);
        using var actualState = new OptimizerState<float>(variant.Description);
        actual.TakeFromHost(actualState);
        (int[] tokens, int[] targets) = ModelFixture.Batch(expected.Tokens, variant.Description.VocabularySize, 3);
        expected.BeginStep();
        actual.BeginStep();
        expected.Backpropagate(tokens, targets, 1.0 / tokens.Length);
        actual.Backpropagate(tokens, targets, 1.0 / tokens.Length);
        using var gradients = new Arena<float>(variant.Description.TrainableCount);
        actual.DownloadGradients(gradients);
        Near(expected.Gradients, gradients, 2e-4);
    }

    private static void Near(Arena<float> expected, Arena<float> actual, double tolerance)
    {
        double largest = 0, worst = 0;
        for (long i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected.Pointer[i]));
            worst = Math.Max(worst, Math.Abs(expected.Pointer[i] - actual.Pointer[i]));
        }

        Assert.True(worst <= tolerance * largest, $"{worst} of {largest}");
    }
}
