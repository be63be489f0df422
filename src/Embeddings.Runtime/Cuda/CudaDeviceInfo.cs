namespace Embeddings.Cuda;

/// <summary>What a device is.</summary>
public sealed record CudaDeviceInfo
{
    /// <summary>The maker's name of it.</summary>
    public required string Name { get; init; }

    /// <summary>Compute capability, 10 · major + minor: 80 is sm_80, 90 is sm_90.</summary>
    public required int ComputeCapability { get; init; }

    /// <summary>Multiprocessors.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Bytes of shared memory that one block may ask for, static and dynamic together.</summary>
    public required int SharedBytesPerBlock { get; init; }

    /// <summary>Bytes of memory.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>Bytes free when the device was opened.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>Version of the driver's interface, 1000 · major + 10 · minor.</summary>
    public required int DriverVersion { get; init; }

    /// <summary>Version of the kernel compiler, in the same form.</summary>
    public required int CompilerVersion { get; init; }

    /// <summary>Version of the library of matrix products, as it tells it.</summary>
    public required long ProductsVersion { get; init; }
}
