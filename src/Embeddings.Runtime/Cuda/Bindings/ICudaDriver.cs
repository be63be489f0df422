namespace Embeddings.Cuda.Bindings;

/// <summary>
/// The driver's interface as raw handles, one method per function of the same name without its prefix. Every method returns the driver's
/// status, 0 for success. The build chooses which class implements it: the property CudaBinding.
/// </summary>
internal unsafe interface ICudaDriver
{
    /// <summary>cuInit.</summary>
    int Initialize();

    /// <summary>cuDriverGetVersion.</summary>
    int GetVersion(out int version);

    /// <summary>cuDeviceGetCount.</summary>
    int GetDeviceCount(out int count);

    /// <summary>cuDeviceGet.</summary>
    int GetDevice(out int device, int ordinal);

    /// <summary>cuDeviceGetName.</summary>
    int GetDeviceName(byte* name, int length, int device);

    /// <summary>cuDeviceGetAttribute.</summary>
    int GetDeviceAttribute(out int value, int attribute, int device);

    /// <summary>cuDevicePrimaryCtxRetain.</summary>
    int RetainPrimaryContext(out nint context, int device);

    /// <summary>cuDevicePrimaryCtxRelease_v2.</summary>
    int ReleasePrimaryContext(int device);

    /// <summary>cuCtxSetCurrent.</summary>
    int SetCurrentContext(nint context);

    /// <summary>cuMemGetInfo_v2.</summary>
    int GetMemoryInfo(out nuint free, out nuint total);

    /// <summary>cuMemAlloc_v2.</summary>
    int Allocate(out nint memory, nuint bytes);

    /// <summary>cuMemFree_v2.</summary>
    int Free(nint memory);

    /// <summary>cuMemHostAlloc.</summary>
    int AllocateHost(out nint memory, nuint bytes);

    /// <summary>cuMemFreeHost.</summary>
    int FreeHost(nint memory);

    /// <summary>cuMemcpyHtoDAsync_v2.</summary>
    int CopyToDevice(nint destination, nint source, nuint bytes, nint stream);

    /// <summary>cuMemcpyDtoHAsync_v2.</summary>
    int CopyToHost(nint destination, nint source, nuint bytes, nint stream);

    /// <summary>cuMemcpyDtoDAsync_v2.</summary>
    int CopyOnDevice(nint destination, nint source, nuint bytes, nint stream);

    /// <summary>cuMemsetD8Async.</summary>
    int SetBytes(nint destination, byte value, nuint bytes, nint stream);

    /// <summary>cuStreamCreate.</summary>
    int CreateStream(out nint stream, uint flags);

    /// <summary>cuStreamDestroy_v2.</summary>
    int DestroyStream(nint stream);

    /// <summary>cuStreamSynchronize.</summary>
    int SynchronizeStream(nint stream);

    /// <summary>cuStreamBeginCapture_v2.</summary>
    int BeginCapture(nint stream, int mode);

    /// <summary>cuStreamEndCapture.</summary>
    int EndCapture(nint stream, out nint graph);

    /// <summary>cuGraphInstantiateWithFlags.</summary>
    int InstantiateGraph(out nint executable, nint graph, ulong flags);

    /// <summary>cuGraphLaunch.</summary>
    int LaunchGraph(nint executable, nint stream);

    /// <summary>cuGraphExecDestroy.</summary>
    int DestroyExecutableGraph(nint executable);

    /// <summary>cuGraphDestroy.</summary>
    int DestroyGraph(nint graph);

    /// <summary>cuEventCreate.</summary>
    int CreateEvent(out nint mark, uint flags);

    /// <summary>cuEventRecord.</summary>
    int RecordEvent(nint mark, nint stream);

    /// <summary>cuEventSynchronize.</summary>
    int SynchronizeEvent(nint mark);

    /// <summary>cuEventElapsedTime.</summary>
    int ElapsedTime(out float milliseconds, nint first, nint second);

    /// <summary>cuEventDestroy_v2.</summary>
    int DestroyEvent(nint mark);

    /// <summary>cuModuleLoadData.</summary>
    int LoadModule(out nint module, byte[] image);

    /// <summary>cuModuleUnload.</summary>
    int UnloadModule(nint module);

    /// <summary>cuModuleGetFunction.</summary>
    int GetFunction(out nint function, nint module, string name);

    /// <summary>cuFuncSetAttribute.</summary>
    int SetFunctionAttribute(nint function, int attribute, int value);

    /// <summary>cuLaunchKernel, with blocks of one dimension.</summary>
    int Launch(nint function, in LaunchShape shape, nint stream, void** arguments, int count);

    /// <summary>cuGetErrorName: the name of a status, or words where the driver knows none.</summary>
    string StatusName(int status);
}
