using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// A device on the processor: kernels from the same text, run in fibers (see <c>emulator.h</c>), and products by their definition. As on
/// a real device, work is only queued; it is done when somebody waits, so pinned memory changed too early gives wrong numbers. Writes just
/// outside an allocation are found when it is freed. A failure is thrown by the call that waits and ends the device's usefulness.
/// </summary>
/// <param name="seed">Order of blocks and warps; 0 is the natural one.</param>
/// <param name="freeBytes">Memory it claims to have.</param>
internal sealed unsafe class EmulatedDevice(int seed = 0, long freeBytes = 1L << 30) : ICudaDevice
{
    private const int Guard = 256;
    private const byte GuardByte = 0xA5;
    private const int MostParameters = 256;

    private static readonly ConcurrentDictionary<nint, Lock> s_gates = new();

    private readonly Dictionary<nint, Allocation> _allocations = [];
    private readonly Dictionary<nint, KernelEntry> _kernels = [];
    private readonly Dictionary<nint, Module> _modules = [];
    private readonly Dictionary<nint, List<Action>> _graphs = [];
    private readonly Dictionary<nint, int> _events = [];
    private readonly Queue<Action> _queue = new();
    private List<Action>? _capture;
    private nint _lastHandle = 0x1000;
    private int _done;

    /// <inheritdoc/>
    public CudaDeviceInfo Info { get; } = new()
    {
        Name = "the emulator",
        ComputeCapability = 80,
        Multiprocessors = 4,
        SharedBytesPerBlock = 163 << 10,
        TotalBytes = freeBytes,
        FreeBytes = freeBytes,
        DriverVersion = 12080,
        CompilerVersion = 12080,
        ProductsVersion = 120800,
    };

    /// <summary>Kernels launched so far, by name, graphs' included each time they are replayed.</summary>
    public Dictionary<string, int> Launches { get; } = [];

    /// <summary>Makes a device, or skips the test where there is no compiler.</summary>
    public static EmulatedDevice OrSkip(int seed = 0)
    {
        EmulatorCompiler.Require();
        return new EmulatedDevice(seed);
    }

    /// <inheritdoc/>
    public nint Allocate(long bytes, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        if (_allocations.Values.Sum(allocation => allocation.Bytes) + bytes > Info.FreeBytes)
        {
            throw new OutOfDeviceMemoryException($"{name} does not fit.");
        }

        // The sanitizer has red zones of its own.
        int guard = EmulatorCompiler.Sanitizes ? 0 : Guard;
        var start = (nint)NativeMemory.AlignedAlloc((nuint)(bytes + 2 * guard), 256);
        new Span<byte>((void*)start, guard).Fill(GuardByte);
        nint memory = start + guard;
        NativeMemory.Clear((void*)memory, (nuint)bytes);
        new Span<byte>((void*)(memory + (nint)bytes), guard).Fill(GuardByte);
        _allocations.Add(memory, new Allocation(start, bytes, guard, name));
        return memory;
    }

    /// <inheritdoc/>
    public void Free(nint memory)
    {
        if (memory != 0)
        {
            Synchronize();
            Release(memory);
        }
    }

    /// <inheritdoc/>
    public nint AllocatePinned(long bytes, string name) => Allocate(bytes, name);

    /// <inheritdoc/>
    public void FreePinned(nint memory) => Free(memory);

    /// <inheritdoc/>
    public void Upload(nint destination, void* source, long bytes)
    {
        RefuseCapture();
        byte[] copy = new Span<byte>(source, checked((int)bytes)).ToArray();
        Inside(destination, bytes);
        Enqueue(() => copy.CopyTo(new Span<byte>((void*)destination, copy.Length)));
    }

    /// <inheritdoc/>
    public void Download(void* destination, nint source, long bytes)
    {
        Inside(source, bytes);
        Synchronize();
        Buffer.MemoryCopy((void*)source, destination, bytes, bytes);
    }

    /// <inheritdoc/>
    public void UploadPinned(nint destination, nint pinned, long bytes) => Copy(destination, pinned, bytes);

    /// <inheritdoc/>
    public void DownloadPinned(nint pinned, nint source, long bytes) => Copy(pinned, source, bytes);

    /// <inheritdoc/>
    public void Copy(nint destination, nint source, long bytes)
    {
        Inside(destination, bytes);
        Inside(source, bytes);
        Enqueue(() => Buffer.MemoryCopy((void*)source, (void*)destination, bytes, bytes));
    }

    /// <inheritdoc/>
    public void Clear(nint destination, long bytes)
    {
        Inside(destination, bytes);
        Enqueue(() => NativeMemory.Clear((void*)destination, (nuint)bytes));
    }

    /// <inheritdoc/>
    public nint LoadModule(string source, string name, IReadOnlyList<string> defines)
    {
        nint handle = ++_lastHandle;
        _modules.Add(handle, new Module(
            EmulatorCompiler.Load(source, name, defines), KernelSignature.Of(source).ToDictionary(kernel => kernel.Name)));
        return handle;
    }

    /// <inheritdoc/>
    public nint Kernel(nint module, string name, int sharedBytes)
    {
        Module loaded = _modules[module];
        if (!loaded.Signatures.TryGetValue(name, out KernelSignature? signature))
        {
            throw new CudaException("cuModuleGetFunction", "CUDA_ERROR_NOT_FOUND", 500, name);
        }

        var bytes = stackalloc int[MostParameters];
        nint library = loaded.Libraries.First(library => NativeLibrary.TryGetExport(library, $"emulator_launch_{name}", out _));
        int count = ((delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, $"emulator_sizes_{name}"))(bytes);
        nint handle = ++_lastHandle;
        _kernels.Add(handle, new KernelEntry(
            name, signature.Threads, sharedBytes, new Span<int>(bytes, count).ToArray(),
            NativeLibrary.GetExport(library, $"emulator_launch_{name}"), s_gates.GetOrAdd(library, _ => new Lock())));
        return handle;
    }

    /// <inheritdoc/>
    public void Launch(nint kernel, in LaunchShape shape, void** arguments, int count)
    {
        KernelEntry entry = _kernels[kernel];
        Refuse(entry, shape, count);
        var values = new byte[entry.Sizes.Length][];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = new Span<byte>(arguments[i], entry.Sizes[i]).ToArray();
        }

        var launch = new EmulatorLaunch(shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.SharedBytes, seed);
        Enqueue(() =>
        {
            Launches[entry.Name] = Launches.GetValueOrDefault(entry.Name) + 1;
            Run(entry, launch, values);
        });
    }

    /// <inheritdoc/>
    public void Multiply(in DeviceProduct product)
    {
        DeviceProduct copy = product;
        InsideMatrix(copy.A, copy.TransposeA ? copy.K : copy.M, copy.TransposeA ? copy.M : copy.K, copy.LeadingA, copy.InputElement);
        InsideMatrix(copy.B, copy.TransposeB ? copy.N : copy.K, copy.TransposeB ? copy.K : copy.N, copy.LeadingB, copy.InputElement);
        InsideMatrix(copy.C, copy.M, copy.N, copy.LeadingC, copy.OutputElement);
        if (copy.Epilogue is not (ProductEpilogue.None or ProductEpilogue.Bias) && copy.Beta != 0)
        {
            throw new ArgumentException($"{copy.Epilogue} does not go with a beta of {copy.Beta}.", nameof(product));
        }

        Enqueue(() => EmulatedProduct.Run(copy));
    }

    /// <inheritdoc/>
    public nint Capture(Action work)
    {
        RefuseCapture();
        _capture = [];
        try
        {
            work();
            _graphs.Add(++_lastHandle, _capture);
            return _lastHandle;
        }
        finally
        {
            _capture = null;
        }
    }

    /// <inheritdoc/>
    public void Replay(nint graph)
    {
        RefuseCapture();
        _graphs[graph].ForEach(Enqueue);
    }

    /// <inheritdoc/>
    public void FreeGraph(nint graph) => _graphs.Remove(graph);

    /// <inheritdoc/>
    public nint CreateEvent()
    {
        _events.Add(++_lastHandle, 0);
        return _lastHandle;
    }

    /// <inheritdoc/>
    public void Record(nint mark)
    {
        RefuseCapture();
        _events[mark] = _done + _queue.Count;
    }

    /// <inheritdoc/>
    public void Wait(nint mark)
    {
        RefuseCapture();
        while (_done < _events[mark])
        {
            DoNext();
        }
    }

    /// <inheritdoc/>
    public double Milliseconds(nint first, nint second)
    {
        Wait(second);
        return _events[second] - _events[first];
    }

    /// <inheritdoc/>
    public void FreeEvent(nint mark) => _events.Remove(mark);

    /// <inheritdoc/>
    public void Synchronize()
    {
        RefuseCapture();
        while (_queue.Count > 0)
        {
            DoNext();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Clear();
        foreach (nint memory in _allocations.Keys.ToList())
        {
            Release(memory);
        }
    }

    private static void Run(KernelEntry entry, EmulatorLaunch launch, byte[][] values)
    {
        var arguments = stackalloc void*[MostParameters];
        const int Alignment = 16;
        var room = stackalloc byte[values.Sum(value => value.Length + Alignment)];
        room += Alignment - (int)((nint)room % Alignment);
        for (int i = 0; i < values.Length; i++)
        {
            arguments[i] = room;
            values[i].CopyTo(new Span<byte>(room, values[i].Length));
            room += (values[i].Length + Alignment - 1) / Alignment * Alignment;
        }

        // A library has one block and one set of fibers, and tests that run beside each other share the libraries of equal text.
        lock (entry.Gate)
        {
            byte* failure = ((delegate* unmanaged<EmulatorLaunch*, void**, byte*>)entry.Function)(&launch, arguments);
            if (failure != null)
            {
                throw new CudaException($"{entry.Name}: {Marshal.PtrToStringUTF8((nint)failure)}.");
            }
        }
    }

    private void DoNext()
    {
        Action work = _queue.Dequeue();
        _done++;
        work();
    }

    private void Enqueue(Action work)
    {
        if (_capture is not null)
        {
            _capture.Add(work);
        }
        else
        {
            _queue.Enqueue(work);
        }
    }

    private void RefuseCapture()
    {
        if (_capture is not null)
        {
            throw new CudaException("a call that waits", "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", 900, "");
        }
    }

    private void Refuse(KernelEntry entry, in LaunchShape shape, int count)
    {
        if (count != entry.Sizes.Length)
        {
            throw new ArgumentException($"{entry.Name} has {entry.Sizes.Length} parameters and was given {count}.");
        }

        if (shape.GridX < 1 || shape.GridY is < 1 or > 65_535 || shape.GridZ is < 1 or > 65_535
            || shape.BlockX < 1 || shape.BlockX > (entry.Threads ?? 1024)
            || shape.SharedBytes < 0 || shape.SharedBytes > entry.SharedBytes || shape.SharedBytes > Info.SharedBytesPerBlock)
        {
            throw new CudaException("cuLaunchKernel", "CUDA_ERROR_INVALID_VALUE", 1, $"{entry.Name} with {shape}");
        }
    }

    private void InsideMatrix(nint address, int rows, int columns, int leading, CudaElement element)
    {
        if (leading < columns)
        {
            throw new ArgumentException($"Rows of {columns} cannot stand {leading} apart.");
        }

        Inside(address, ((rows - 1L) * leading + columns) * (element == CudaElement.Single ? 4 : 2));
    }

    private void Inside(nint address, long bytes)
    {
        if (!_allocations.Any(entry => address >= entry.Key && address + bytes <= entry.Key + entry.Value.Bytes))
        {
            throw new CudaException("a copy or product", "CUDA_ERROR_ILLEGAL_ADDRESS", 700, $"{bytes} bytes outside any allocation");
        }
    }

    private void Release(nint memory)
    {
        Allocation allocation = _allocations[memory];
        _allocations.Remove(memory);
        bool whole = !new Span<byte>((void*)allocation.Start, allocation.Guard).ContainsAnyExcept(GuardByte)
            && !new Span<byte>((void*)(memory + (nint)allocation.Bytes), allocation.Guard).ContainsAnyExcept(GuardByte);
        NativeMemory.AlignedFree((void*)allocation.Start);
        if (!whole)
        {
            throw new CudaException($"Something wrote outside {allocation.Name}.");
        }
    }

    private readonly record struct EmulatorLaunch(int GridX, int GridY, int GridZ, int BlockX, int SharedBytes, int Seed);

    private sealed record Allocation(nint Start, long Bytes, int Guard, string Name);

    private sealed record Module(IReadOnlyList<nint> Libraries, IReadOnlyDictionary<string, KernelSignature> Signatures);

    private sealed record KernelEntry(string Name, int? Threads, int SharedBytes, int[] Sizes, nint Function, Lock Gate);
}
