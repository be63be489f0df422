using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// The device that tests of kernels and models run on: the emulator, or this machine's own where <c>EMBEDDINGS_TEST_GPU</c> is 1, as
/// <c>tests/gpu/run.sh</c> sets it.
/// </summary>
internal static class TestDevice
{
    /// <summary>Set to 1 to test on a device.</summary>
    public const string Variable = "EMBEDDINGS_TEST_GPU";

    /// <summary>Whether tests run on a device.</summary>
    public static bool IsReal => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Opens the device; skips the test where it would be the emulator and there is no compiler.</summary>
    /// <param name="seed">Order of blocks and warps in the emulator; a device has its own.</param>
    public static ICudaDevice OrSkip(int seed = 0) => IsReal ? CudaDevice.Open() : EmulatedDevice.OrSkip(seed);
}
