using System.Runtime.InteropServices;
using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace Embeddings.Cuda.Bindings;

/// <summary>The driver through the raw methods of ManagedCuda; a launch allocates nothing here either.</summary>
internal sealed unsafe class ManagedCudaDriver : ICudaDriver
{
    private const int MostArguments = 256;

    private readonly nint[] _arguments = new nint[MostArguments];

    /// <inheritdoc/>
    public int Initialize() => (int)DriverAPINativeMethods.cuInit(CUInitializationFlags.None);

    /// <inheritdoc/>
    public int GetVersion(out int version)
    {
        version = 0;
        return (int)DriverAPINativeMethods.cuDriverGetVersion(ref version);
    }

    /// <inheritdoc/>
    public int GetDeviceCount(out int count)
    {
        count = 0;
        return (int)DriverAPINativeMethods.DeviceManagement.cuDeviceGetCount(ref count);
    }

    /// <inheritdoc/>
    public int GetDevice(out int device, int ordinal)
    {
        CUdevice handle = default;
        int status = (int)DriverAPINativeMethods.DeviceManagement.cuDeviceGet(ref handle, ordinal);
        device = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int GetDeviceName(byte* name, int length, int device)
    {
        var text = new byte[length];
        int status = (int)DriverAPINativeMethods.DeviceManagement.cuDeviceGetName(text, length, Device(device));
        text.CopyTo(new Span<byte>(name, length));
        return status;
    }

    /// <inheritdoc/>
    public int GetDeviceAttribute(out int value, int attribute, int device)
    {
        value = 0;
        return (int)DriverAPINativeMethods.DeviceManagement.cuDeviceGetAttribute(ref value, (CUDeviceAttribute)attribute, Device(device));
    }

    /// <inheritdoc/>
    public int RetainPrimaryContext(out nint context, int device)
    {
        CUcontext handle = default;
        int status = (int)DriverAPINativeMethods.ContextManagement.cuDevicePrimaryCtxRetain(ref handle, Device(device));
        context = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int ReleasePrimaryContext(int device) => (int)DriverAPINativeMethods.ContextManagement.cuDevicePrimaryCtxRelease(Device(device));

    /// <inheritdoc/>
    public int SetCurrentContext(nint context) => (int)DriverAPINativeMethods.ContextManagement.cuCtxSetCurrent(new CUcontext { Pointer = context });

    /// <inheritdoc/>
    public int GetMemoryInfo(out nuint free, out nuint total)
    {
        SizeT freeBytes = 0;
        SizeT totalBytes = 0;
        int status = (int)DriverAPINativeMethods.MemoryManagement.cuMemGetInfo_v2(ref freeBytes, ref totalBytes);
        free = freeBytes;
        total = totalBytes;
        return status;
    }

    /// <inheritdoc/>
    public int Allocate(out nint memory, nuint bytes)
    {
        CUdeviceptr pointer = default;
        int status = (int)DriverAPINativeMethods.MemoryManagement.cuMemAlloc_v2(ref pointer, new SizeT(bytes));
        memory = pointer.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int Free(nint memory) => (int)DriverAPINativeMethods.MemoryManagement.cuMemFree_v2(CudaHandles.Pointer(memory));

    /// <inheritdoc/>
    public int AllocateHost(out nint memory, nuint bytes)
    {
        memory = 0;
        return (int)DriverAPINativeMethods.MemoryManagement.cuMemHostAlloc(ref memory, new SizeT(bytes), CUMemHostAllocFlags.None);
    }

    /// <inheritdoc/>
    public int FreeHost(nint memory) => (int)DriverAPINativeMethods.MemoryManagement.cuMemFreeHost(memory);

    /// <inheritdoc/>
    public int CopyToDevice(nint destination, nint source, nuint bytes, nint stream) =>
        (int)DriverAPINativeMethods.AsynchronousMemcpy_v2.cuMemcpyHtoDAsync_v2(CudaHandles.Pointer(destination), source, new SizeT(bytes), Stream(stream));

    /// <inheritdoc/>
    public int CopyToHost(nint destination, nint source, nuint bytes, nint stream) =>
        (int)DriverAPINativeMethods.AsynchronousMemcpy_v2.cuMemcpyDtoHAsync_v2(destination, CudaHandles.Pointer(source), new SizeT(bytes), Stream(stream));

    /// <inheritdoc/>
    public int CopyOnDevice(nint destination, nint source, nuint bytes, nint stream) =>
        (int)DriverAPINativeMethods.AsynchronousMemcpy_v2.cuMemcpyDtoDAsync_v2(
            CudaHandles.Pointer(destination), CudaHandles.Pointer(source), new SizeT(bytes), Stream(stream));

    /// <inheritdoc/>
    public int SetBytes(nint destination, byte value, nuint bytes, nint stream) =>
        (int)DriverAPINativeMethods.MemsetAsync.cuMemsetD8Async(CudaHandles.Pointer(destination), value, new SizeT(bytes), Stream(stream));

    /// <inheritdoc/>
    public int CreateStream(out nint stream, uint flags)
    {
        CUstream handle = default;
        int status = (int)DriverAPINativeMethods.Streams.cuStreamCreate(ref handle, (CUStreamFlags)flags);
        stream = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int DestroyStream(nint stream) => (int)DriverAPINativeMethods.Streams.cuStreamDestroy_v2(Stream(stream));

    /// <inheritdoc/>
    public int SynchronizeStream(nint stream) => (int)DriverAPINativeMethods.Streams.cuStreamSynchronize(Stream(stream));

    /// <inheritdoc/>
    public int BeginCapture(nint stream, int mode) => (int)DriverAPINativeMethods.Streams.cuStreamBeginCapture(Stream(stream), (CUstreamCaptureMode)mode);

    /// <inheritdoc/>
    public int EndCapture(nint stream, out nint graph)
    {
        CUgraph handle = default;
        int status = (int)DriverAPINativeMethods.Streams.cuStreamEndCapture(Stream(stream), ref handle);
        graph = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int InstantiateGraph(out nint executable, nint graph, ulong flags)
    {
        CUgraphExec handle = default;
        int status = (int)DriverAPINativeMethods.GraphManagment.cuGraphInstantiate(
            ref handle, new CUgraph { Pointer = graph }, (CUgraphInstantiate_flags)flags);
        executable = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int LaunchGraph(nint executable, nint stream) =>
        (int)DriverAPINativeMethods.GraphManagment.cuGraphLaunch(new CUgraphExec { Pointer = executable }, Stream(stream));

    /// <inheritdoc/>
    public int DestroyExecutableGraph(nint executable) =>
        (int)DriverAPINativeMethods.GraphManagment.cuGraphExecDestroy(new CUgraphExec { Pointer = executable });

    /// <inheritdoc/>
    public int DestroyGraph(nint graph) => (int)DriverAPINativeMethods.GraphManagment.cuGraphDestroy(new CUgraph { Pointer = graph });

    /// <inheritdoc/>
    public int CreateEvent(out nint mark, uint flags)
    {
        CUevent handle = default;
        int status = (int)DriverAPINativeMethods.Events.cuEventCreate(ref handle, (CUEventFlags)flags);
        mark = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int RecordEvent(nint mark, nint stream) => (int)DriverAPINativeMethods.Events.cuEventRecord(Event(mark), Stream(stream));

    /// <inheritdoc/>
    public int SynchronizeEvent(nint mark) => (int)DriverAPINativeMethods.Events.cuEventSynchronize(Event(mark));

    /// <inheritdoc/>
    public int ElapsedTime(out float milliseconds, nint first, nint second)
    {
        milliseconds = 0;
        return (int)DriverAPINativeMethods.Events.cuEventElapsedTime(ref milliseconds, Event(first), Event(second));
    }

    /// <inheritdoc/>
    public int DestroyEvent(nint mark) => (int)DriverAPINativeMethods.Events.cuEventDestroy_v2(Event(mark));

    /// <inheritdoc/>
    public int LoadModule(out nint module, byte[] image)
    {
        CUmodule handle = default;
        int status = (int)DriverAPINativeMethods.ModuleManagement.cuModuleLoadData(ref handle, image);
        module = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int UnloadModule(nint module) => (int)DriverAPINativeMethods.ModuleManagement.cuModuleUnload(new CUmodule { Pointer = module });

    /// <inheritdoc/>
    public int GetFunction(out nint function, nint module, string name)
    {
        CUfunction handle = default;
        int status = (int)DriverAPINativeMethods.ModuleManagement.cuModuleGetFunction(ref handle, new CUmodule { Pointer = module }, name);
        function = handle.Pointer;
        return status;
    }

    /// <inheritdoc/>
    public int SetFunctionAttribute(nint function, int attribute, int value) =>
        (int)DriverAPINativeMethods.FunctionManagement.cuFuncSetAttribute(new CUfunction { Pointer = function }, (CUFunctionAttribute)attribute, value);

    /// <inheritdoc/>
    public int Launch(nint function, in LaunchShape shape, nint stream, void** arguments, int count)
    {
        new Span<nint>(arguments, count).CopyTo(_arguments);
        return (int)DriverAPINativeMethods.Launch.cuLaunchKernel(
            new CUfunction { Pointer = function }, (uint)shape.GridX, (uint)shape.GridY, (uint)shape.GridZ, (uint)shape.BlockX, 1, 1,
            (uint)shape.SharedBytes, Stream(stream), _arguments, null);
    }

    /// <inheritdoc/>
    public string StatusName(int status)
    {
        nint name = 0;
        return DriverAPINativeMethods.ErrorHandling.cuGetErrorName((CUResult)status, ref name) == CUResult.Success && name != 0
            ? Marshal.PtrToStringUTF8(name)!
            : "an unknown status";
    }

    private static CUdevice Device(int device) => new() { Pointer = device };

    private static CUstream Stream(nint stream) => new() { Pointer = stream };

    private static CUevent Event(nint mark) => new() { Pointer = mark };
}
