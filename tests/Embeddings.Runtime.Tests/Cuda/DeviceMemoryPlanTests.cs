using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

public sealed class DeviceMemoryPlanTests
{
    private static readonly CudaDeviceInfo s_device = new()
    {
        Name = "Some GPU",
        ComputeCapability = 90,
        Multiprocessors = 1,
        SharedBytesPerBlock = 1,
        TotalBytes = 85_000_000_000,
        FreeBytes = 80_000_000_000,
        DriverVersion = 1,
        CompilerVersion = 1,
        ProductsVersion = 1,
    };

    [Fact]
    public void Too_large_a_batch_is_told_with_the_largest_that_fits()
    {
        var plan = new DeviceMemoryPlan("Model", 32, [new PlannedMemory("a", 1_200_000_000, false), new PlannedMemory("b", 90_000_000_000, true)]);
        Assert.Equal(
            "Model needs 91.2 GB at a batch of 32 and 80.0 GB are free on Some GPU: a batch of at most 28 fits.",
            Assert.Throws<OutOfDeviceMemoryException>(() => plan.Require(s_device)).Message);
        (plan with { Batch = 28, Items = [plan.Items[0], plan.Items[1] with { Bytes = 28 * plan.Items[1].Bytes / 32 }] }).Require(s_device);
    }

    [Fact]
    public void A_model_larger_than_the_device_is_told_so()
    {
        var plan = new DeviceMemoryPlan("Model", 1, [new PlannedMemory("a", 90_000_000_000, false), new PlannedMemory("b", 1, true)]);
        Assert.EndsWith(
            "not even a batch of 1 fits, so declare a smaller model or take a larger device.",
            Assert.Throws<OutOfDeviceMemoryException>(() => plan.Require(s_device)).Message);
    }
}
