namespace Embeddings.Cuda.Bindings;

/// <summary>Opens the driver and the library of matrix products: in this build, through function pointers of our own.</summary>
internal static class CudaBinding
{
    /// <summary>What the program says of itself.</summary>
    public const string Name = "own function pointers";

    /// <summary>The driver.</summary>
    /// <exception cref="CudaUnavailableException">There is none.</exception>
    public static ICudaDriver OpenDriver() => new OwnDriver(NativeCandidates.Driver.Load());

    /// <summary>Matrix products.</summary>
    /// <param name="device">The device, its context current.</param>
    /// <param name="stream">Where the work goes.</param>
    /// <exception cref="CudaUnavailableException">There is no cublasLt.</exception>
    public static IMatrixProducts OpenProducts(CudaDevice device, nint stream) =>
        new LtProducts(device, stream, NativeCandidates.Products.Load(), new AlgorithmCache(AlgorithmCache.DefaultPath));
}
