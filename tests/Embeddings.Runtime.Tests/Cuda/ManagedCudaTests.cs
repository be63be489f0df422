#if MANAGED_CUDA
using Embeddings.Cuda;
using Embeddings.Cuda.Bindings;
using ManagedCuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>What only the build with <c>-p:CudaBinding=ManagedCuda</c> has; all tests of the device run over it too.</summary>
[Collection(StubLibrary.Name)]
public sealed class ManagedCudaTests : IDisposable
{
    private readonly StubLibrary _stub = new();

    [Theory]
    [InlineData("libcuda", "EMBEDDINGS_CUDA_DRIVER")]
    [InlineData("nvcuda", "EMBEDDINGS_CUDA_DRIVER")]
    [InlineData("cublas", "EMBEDDINGS_CUDA_CUBLAS")]
    [InlineData("cublas64_12", "EMBEDDINGS_CUDA_CUBLAS")]
    [InlineData("nvrtc64_120_0", "EMBEDDINGS_CUDA_NVRTC")]
    [InlineData("libm", null)]
    public void Names_without_a_version_mean_the_libraries_of_either_CUDA(string name, string? variable) =>
        Assert.Equal(variable, UnmanagedLibraryMap.Candidates(name)?.Variable);

    [Fact]
    public void Objects_of_ManagedCuda_share_the_device()
    {
        using CudaDevice device = _stub.Open();
        nint memory = device.Allocate(256, "shared");
        CudaDeviceVariable<float> variable = CudaHandles.AsVariable<float>(memory, 64);
        Assert.Equal(64, (int)variable.Size);
        Assert.Equal(memory, variable.Address());
        Assert.Equal(device.Stream, device.AsStream().Handle());
        variable.CopyToDevice([.. Enumerable.Range(0, 64).Select(i => (float)i)]);
        Assert.Equal(63f, Read(device, memory + 63 * sizeof(float)));
    }

    public void Dispose() => _stub.Dispose();

    private static unsafe float Read(CudaDevice device, nint memory)
    {
        float value;
        device.Download(&value, memory, sizeof(float));
        return value;
    }
}
#endif
