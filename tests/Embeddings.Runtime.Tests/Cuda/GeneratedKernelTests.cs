using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>The generated text and the launch plan of every variant.</summary>
public sealed class GeneratedKernelTests
{
    private static IEnumerable<Variant> Variants => ModelFixture.All;

    [Fact]
    public void Every_kernel_compiles_for_devices()
    {
        DeviceCompiler.Require();
        DeviceCompiler.Compile([.. Variants.SelectMany(variant =>
        {
            using RecordingDevice device = Record(variant, CudaElement.BFloat16);
            return device.Texts.ToArray();
        })]);
    }

    [Theory]
    [InlineData(CudaElement.Single)]
    [InlineData(CudaElement.BFloat16)]
    public void Every_launch_stays_within_its_memory_and_the_limits(CudaElement element)
    {
        foreach (Variant variant in Variants)
        {
            using RecordingDevice device = Record(variant, element);
            LaunchPlan.Check(device);
        }
    }

    [Fact]
    public void A_training_pass_multiplies_each_weight_three_times()
    {
        Variant variant = Variants.Single(variant => variant.Name == nameof(Plain));
        const int Batch = 2;
        using RecordingDevice device = Record(variant, CudaElement.BFloat16, Batch);
        long tokens = Batch * variant.Description.Architecture.Context;

        // Forward, both gradients, and the forward of the evaluation: 2 operations each a weight and token.
        Assert.Equal(8.0 * variant.Description.MatMulParameters * tokens, device.Products.Sum(product => product.Flops));
    }

    [Fact]
    public void Every_variant_has_a_CUDA_step()
    {
        Assert.All(Variants, variant => Assert.Null(variant.CudaRefusal));
        Assert.All(Variants, variant => Assert.NotNull(variant.CreateCuda));
    }

    private static RecordingDevice Record(Variant variant, CudaElement element, int batch = 3) =>
        LaunchPlan.Record(variant, device => ModelFixture.Options(variant.Description, device, batch, element), out _);
}
