using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace Embeddings.Cuda;

/// <summary>From the objects of ManagedCuda to the raw handles of this library, and back. What is wrapped is not owned.</summary>
public static class CudaHandles
{
    /// <summary>The handle of a context.</summary>
    public static nint Handle(this PrimaryContext context) => context.Context.Pointer;

    /// <summary>The handle of a stream.</summary>
    public static nint Handle(this CudaStream stream) => stream.Stream.Pointer;

    /// <summary>The address of a variable on the device.</summary>
    public static nint Address<T>(this CudaDeviceVariable<T> variable)
        where T : struct => variable.DevicePointer.Pointer;

    /// <summary>The stream that a device's work goes into.</summary>
    public static CudaStream AsStream(this CudaDevice device) => new(new CUstream { Pointer = device.Stream }, isOwner: false);

    /// <summary>Memory of a device as a variable.</summary>
    /// <param name="memory">From <see cref="ICudaDevice.Allocate"/>.</param>
    /// <param name="count">Elements.</param>
    public static CudaDeviceVariable<T> AsVariable<T>(nint memory, long count)
        where T : unmanaged
    {
        unsafe
        {
            return new CudaDeviceVariable<T>(Pointer(memory), isOwner: false, new SizeT(count * sizeof(T)));
        }
    }

    /// <summary>An address as ManagedCuda takes it.</summary>
    public static CUdeviceptr Pointer(nint memory) => new() { Pointer = memory };
}
