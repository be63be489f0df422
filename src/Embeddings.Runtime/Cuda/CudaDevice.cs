using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Embeddings.Cuda.Bindings;

namespace Embeddings.Cuda;

/// <summary>
/// A CUDA device through the driver, NVRTC and cublasLt. It holds the primary context, so that other libraries of the process share it,
/// and one stream. Use it from one thread at a time. With <see cref="SynchronousVariable"/> set to 1, every launch is waited for,
/// so that a kernel that fails is the one named.
/// </summary>
public sealed unsafe class CudaDevice : ICudaDevice
{
    /// <summary>Environment variable; <c>1</c> waits for each kernel.</summary>
    public const string SynchronousVariable = "EMBEDDINGS_CUDA_SYNCHRONOUS";

    private const int OutOfMemory = 2;
    private const uint NonBlocking = 1;
    private const int CaptureOfThread = 1;
    private const int DynamicSharedBytesAttribute = 8;
    private const int DefaultDynamicSharedBytes = 48 << 10;
    private const int MultiprocessorsAttribute = 16;
    private const int CapabilityMajorAttribute = 75;
    private const int CapabilityMinorAttribute = 76;
    private const int SharedBytesAttribute = 97;

    private readonly ICudaDriver _driver;
    private readonly KernelCompiler _compiler;
    private readonly ModuleCache _compiled;
    private readonly IMatrixProducts _products;
    private readonly int _device;
    private readonly nint _context;
    private readonly nint _stream;
    private readonly bool _synchronous = Environment.GetEnvironmentVariable(SynchronousVariable) == "1";
    private readonly Dictionary<nint, (string Name, long Bytes)> _allocations = [];
    private readonly Dictionary<nint, string> _kernels = [];
    private readonly List<nint> _modules = [];
    private bool _capturing;

    [ThreadStatic]
    private static nint t_context;

    /// <summary>Opens a device.</summary>
    /// <param name="driver">The driver, initialised.</param>
    /// <param name="compiler">The kernel compiler.</param>
    /// <param name="compiled">What earlier runs compiled.</param>
    /// <param name="products">Makes the library of matrix products, once the context is current.</param>
    /// <param name="ordinal">Which of the devices.</param>
    internal CudaDevice(ICudaDriver driver, KernelCompiler compiler, ModuleCache compiled, Func<CudaDevice, nint, IMatrixProducts> products, int ordinal)
    {
        _driver = driver;
        _compiler = compiler;
        _compiled = compiled;
        Check(driver.GetDevice(out _device, ordinal), "cuDeviceGet");
        Check(driver.RetainPrimaryContext(out _context, _device), "cuDevicePrimaryCtxRetain");
        try
        {
            Use();
            Check(driver.CreateStream(out _stream, NonBlocking), "cuStreamCreate");
            Info = Describe();
            _products = products(this, _stream);
            Check(driver.GetMemoryInfo(out nuint free, out _), "cuMemGetInfo");
            Info = Info with { ProductsVersion = _products.Version, FreeBytes = (long)free };
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public CudaDeviceInfo Info { get; }

    /// <summary>The stream that all work goes into, for libraries that share the device.</summary>
    public nint Stream => _stream;

    /// <summary>Opens a device of this machine.</summary>
    /// <param name="ordinal">Which, from 0.</param>
    /// <exception cref="CudaUnavailableException">There is no device, driver, kernel compiler or library of matrix products.</exception>
    /// <exception cref="CudaException">Opening it fails.</exception>
    public static CudaDevice Open(int ordinal = 0)
    {
        ICudaDriver driver = CudaBinding.OpenDriver();
        int status = driver.Initialize();
        if (status != 0)
        {
            throw new CudaUnavailableException($"There is no usable CUDA device here: cuInit failed with {driver.StatusName(status)} ({status})");
        }

        status = driver.GetDeviceCount(out int count);
        if (status != 0)
        {
            throw new CudaException("cuDeviceGetCount", driver.StatusName(status), status, "");
        }

        if (ordinal >= count)
        {
            throw new CudaUnavailableException(count == 0
                ? "There is no CUDA device in this machine"
                : string.Create(CultureInfo.InvariantCulture, $"There is no CUDA device {ordinal}; this machine has {count}"));
        }

        return new CudaDevice(driver, new KernelCompiler(NativeCandidates.Compiler.Load()), new ModuleCache(ModuleCache.DefaultFolder), CudaBinding.OpenProducts, ordinal);
    }

    /// <inheritdoc/>
    public nint Allocate(long bytes, string name)
    {
        Use();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        int status = _driver.Allocate(out nint memory, (nuint)bytes);
        if (status == OutOfMemory)
        {
            throw new OutOfDeviceMemoryException(DoesNotFit(bytes, name));
        }

        Check(status, "cuMemAlloc", name);
        _allocations.Add(memory, (name, bytes));
        Clear(memory, bytes);
        return memory;
    }

    /// <inheritdoc/>
    public void Free(nint memory)
    {
        if (memory != 0)
        {
            Synchronize();
            Check(_driver.Free(memory), "cuMemFree");
            _allocations.Remove(memory);
        }
    }

    /// <inheritdoc/>
    public nint AllocatePinned(long bytes, string name)
    {
        Use();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        Check(_driver.AllocateHost(out nint memory, (nuint)bytes), "cuMemHostAlloc", name);
        return memory;
    }

    /// <inheritdoc/>
    public void FreePinned(nint memory)
    {
        if (memory != 0)
        {
            Synchronize();
            Check(_driver.FreeHost(memory), "cuMemFreeHost");
        }
    }

    /// <inheritdoc/>
    public void Upload(nint destination, void* source, long bytes)
    {
        Use();
        Check(_driver.CopyToDevice(destination, (nint)source, (nuint)bytes, _stream), "cuMemcpyHtoDAsync");
        Synchronize();
    }

    /// <inheritdoc/>
    public void Download(void* destination, nint source, long bytes)
    {
        Use();
        Check(_driver.CopyToHost((nint)destination, source, (nuint)bytes, _stream), "cuMemcpyDtoHAsync");
        Synchronize();
    }

    /// <inheritdoc/>
    public void UploadPinned(nint destination, nint pinned, long bytes)
    {
        Use();
        Check(_driver.CopyToDevice(destination, pinned, (nuint)bytes, _stream), "cuMemcpyHtoDAsync");
    }

    /// <inheritdoc/>
    public void DownloadPinned(nint pinned, nint source, long bytes)
    {
        Use();
        Check(_driver.CopyToHost(pinned, source, (nuint)bytes, _stream), "cuMemcpyDtoHAsync");
    }

    /// <inheritdoc/>
    public void Copy(nint destination, nint source, long bytes)
    {
        Use();
        Check(_driver.CopyOnDevice(destination, source, (nuint)bytes, _stream), "cuMemcpyDtoDAsync");
    }

    /// <inheritdoc/>
    public void Clear(nint destination, long bytes)
    {
        Use();
        Check(_driver.SetBytes(destination, 0, (nuint)bytes, _stream), "cuMemsetD8Async");
    }

    /// <inheritdoc/>
    public nint LoadModule(string source, string name, IReadOnlyList<string> defines)
    {
        Use();
        string key = _compiler.Key(source, defines, Info.ComputeCapability);
        if (_compiled.Find(key) is not { } kept || _driver.LoadModule(out nint module, kept) != 0)
        {
            byte[] image = _compiler.Compile(source, name, defines, Info.ComputeCapability);
            Check(_driver.LoadModule(out module, image), "cuModuleLoadData", name);
            _compiled.Add(key, image);
        }

        _modules.Add(module);
        return module;
    }

    /// <inheritdoc/>
    public nint Kernel(nint module, string name, int sharedBytes)
    {
        Check(_driver.GetFunction(out nint kernel, module, name), "cuModuleGetFunction", name);
        _kernels[kernel] = name;
        if (sharedBytes > DefaultDynamicSharedBytes)
        {
            Check(_driver.SetFunctionAttribute(kernel, DynamicSharedBytesAttribute, sharedBytes), "cuFuncSetAttribute", name);
        }

        return kernel;
    }

    /// <inheritdoc/>
    public void Launch(nint kernel, in LaunchShape shape, void** arguments, int count)
    {
        Use();
        int status = _driver.Launch(kernel, shape, _stream, arguments, count);
        if (status != 0)
        {
            FailLaunch(status, kernel, shape);
        }

        if (_synchronous && !_capturing)
        {
            Check(_driver.SynchronizeStream(_stream), "cuStreamSynchronize", _kernels.GetValueOrDefault(kernel, ""));
        }
    }

    /// <inheritdoc/>
    public void Multiply(in DeviceProduct product)
    {
        Use();
        if (product.Beta != 0 && product.Epilogue is not (ProductEpilogue.None or ProductEpilogue.Bias))
        {
            throw new ArgumentException($"{product.Epilogue} does not go with a beta of {product.Beta}.", nameof(product));
        }

        _products.Multiply(product, mayTime: !_capturing);
    }

    /// <inheritdoc/>
    public nint Capture(Action work)
    {
        Use();
        Check(_driver.BeginCapture(_stream, CaptureOfThread), "cuStreamBeginCapture");
        _capturing = true;
        nint graph;
        int status;
        try
        {
            work();
        }
        finally
        {
            _capturing = false;
            status = _driver.EndCapture(_stream, out graph);
        }

        Check(status, "cuStreamEndCapture");
        Check(_driver.InstantiateGraph(out nint executable, graph, 0), "cuGraphInstantiateWithFlags");
        Check(_driver.DestroyGraph(graph), "cuGraphDestroy");
        return executable;
    }

    /// <inheritdoc/>
    public void Replay(nint graph)
    {
        Use();
        Check(_driver.LaunchGraph(graph, _stream), "cuGraphLaunch");
    }

    /// <inheritdoc/>
    public void FreeGraph(nint graph)
    {
        if (graph != 0)
        {
            Synchronize();
            Check(_driver.DestroyExecutableGraph(graph), "cuGraphExecDestroy");
        }
    }

    /// <inheritdoc/>
    public nint CreateEvent()
    {
        Use();
        Check(_driver.CreateEvent(out nint mark, 0), "cuEventCreate");
        return mark;
    }

    /// <inheritdoc/>
    public void Record(nint mark)
    {
        Use();
        Check(_driver.RecordEvent(mark, _stream), "cuEventRecord");
    }

    /// <inheritdoc/>
    public void Wait(nint mark) => Check(_driver.SynchronizeEvent(mark), "cuEventSynchronize");

    /// <inheritdoc/>
    public double Milliseconds(nint first, nint second)
    {
        Wait(second);
        Check(_driver.ElapsedTime(out float milliseconds, first, second), "cuEventElapsedTime");
        return milliseconds;
    }

    /// <inheritdoc/>
    public void FreeEvent(nint mark)
    {
        if (mark != 0)
        {
            Check(_driver.DestroyEvent(mark), "cuEventDestroy");
        }
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        Use();
        Check(_driver.SynchronizeStream(_stream), "cuStreamSynchronize");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Synchronize();
            _products.Dispose();
        }
        catch (CudaException)
        {
            // After an earlier failure every call fails in the same way.
        }

        Release();
    }

    /// <summary>Makes the context current on this thread; costs nothing where it is already.</summary>
    private void Use()
    {
        if (t_context != _context)
        {
            Check(_driver.SetCurrentContext(_context), "cuCtxSetCurrent");
            t_context = _context;
        }
    }

    /// <summary>Gives all back; failures are not told.</summary>
    private void Release()
    {
        foreach (nint memory in _allocations.Keys)
        {
            _driver.Free(memory);
        }

        _allocations.Clear();
        _modules.ForEach(module => _driver.UnloadModule(module));
        if (_stream != 0)
        {
            _driver.DestroyStream(_stream);
        }

        t_context = 0;
        _driver.ReleasePrimaryContext(_device);
    }

    private CudaDeviceInfo Describe()
    {
        const int Length = 256;
        byte* name = stackalloc byte[Length];
        Check(_driver.GetDeviceName(name, Length, _device), "cuDeviceGetName");
        Check(_driver.GetVersion(out int version), "cuDriverGetVersion");
        Check(_driver.GetMemoryInfo(out nuint free, out nuint total), "cuMemGetInfo");
        return new CudaDeviceInfo
        {
            Name = Marshal.PtrToStringUTF8((nint)name) ?? "",
            ComputeCapability = 10 * Attribute(CapabilityMajorAttribute) + Attribute(CapabilityMinorAttribute),
            Multiprocessors = Attribute(MultiprocessorsAttribute),
            SharedBytesPerBlock = Attribute(SharedBytesAttribute),
            TotalBytes = (long)total,
            FreeBytes = (long)free,
            DriverVersion = version,
            CompilerVersion = _compiler.Version,
            ProductsVersion = 0,
        };
    }

    private int Attribute(int attribute)
    {
        Check(_driver.GetDeviceAttribute(out int value, attribute, _device), "cuDeviceGetAttribute");
        return value;
    }

    private string DoesNotFit(long bytes, string name)
    {
        _driver.GetMemoryInfo(out nuint free, out _);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{bytes:N0} bytes for {name} do not fit on {Info.Name}, which has {(long)free:N0} free");
        text.Append(_allocations.Count == 0 ? "" : ", besides ");
        text.AppendJoin(", ", _allocations.Values.OrderByDescending(part => part.Bytes)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Bytes:N0} for {part.Name}")));
        return text.Append("; declare a smaller batch.").ToString();
    }

    private void FailLaunch(int status, nint kernel, in LaunchShape shape) => throw new CudaException(
        "cuLaunchKernel",
        _driver.StatusName(status),
        status,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{_kernels.GetValueOrDefault(kernel, "an unknown kernel")} with {shape.GridX} x {shape.GridY} x {shape.GridZ} blocks of {shape.BlockX} threads and {shape.SharedBytes} bytes"));

    private void Check(int status, string call, string subject = "")
    {
        if (status != 0)
        {
            throw new CudaException(call, _driver.StatusName(status), status, subject);
        }
    }
}
