namespace Embeddings.Cuda.Bindings;

/// <summary>Opens the driver and the library of matrix products: in this build, through ManagedCuda.</summary>
internal static class CudaBinding
{
    /// <summary>What the program says of itself.</summary>
    public const string Name = "ManagedCuda";

    /// <summary>The driver.</summary>
    /// <exception cref="CudaUnavailableException">There is none.</exception>
    public static ICudaDriver OpenDriver()
    {
        UnmanagedLibraryMap.Install();
        try
        {
            return new ManagedCudaDriver();
        }
        catch (Exception error) when (UnmanagedLibraryMap.Missing(error) is not null)
        {
            throw UnmanagedLibraryMap.Missing(error)!;
        }
    }

    /// <summary>Matrix products.</summary>
    /// <param name="device">The device, its context current.</param>
    /// <param name="stream">Where the work goes.</param>
    /// <exception cref="CudaUnavailableException">There is no cuBLAS.</exception>
    public static IMatrixProducts OpenProducts(CudaDevice device, nint stream)
    {
        try
        {
            return new ManagedCudaProducts(device, stream);
        }
        catch (Exception error) when (UnmanagedLibraryMap.Missing(error) is not null)
        {
            throw UnmanagedLibraryMap.Missing(error)!;
        }
    }
}
