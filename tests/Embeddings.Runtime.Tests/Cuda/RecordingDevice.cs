using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>A device that does nothing but write down what it is asked for: a step's launches and products become data that tests can check.</summary>
/// <param name="freeBytes">Memory it claims to have.</param>
internal sealed unsafe class RecordingDevice(long freeBytes = long.MaxValue) : ICudaDevice
{
    private const long FirstAddress = 1L << 40;
    private const int Alignment = 256;

    private readonly Dictionary<nint, string> _texts = [];
    private readonly Dictionary<nint, ImmutableArray<KernelSignature>> _signatures = [];
    private readonly Dictionary<nint, (KernelSignature Signature, int SharedBytes)> _kernels = [];
    private readonly List<nint> _pinned = [];
    private long _next = FirstAddress;
    private nint _lastHandle;

    /// <inheritdoc/>
    public CudaDeviceInfo Info { get; } = new()
    {
        Name = "a record",
        ComputeCapability = 90,
        Multiprocessors = 132,
        SharedBytesPerBlock = 227 << 10,
        TotalBytes = freeBytes,
        FreeBytes = freeBytes,
        DriverVersion = 12080,
        CompilerVersion = 12080,
        ProductsVersion = 120800,
    };

    /// <summary>Memory that was asked for.</summary>
    public List<RecordedMemory> Memory { get; } = [];

    /// <summary>Texts of modules.</summary>
    public IEnumerable<string> Texts => _texts.Values;

    /// <summary>Launches, in order.</summary>
    public List<RecordedLaunch> Launches { get; } = [];

    /// <summary>Copies on the device and clears, in order.</summary>
    public List<RecordedCopy> Copies { get; } = [];

    /// <summary>Products, in order.</summary>
    public List<DeviceProduct> Products { get; } = [];

    public nint Allocate(long bytes, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var memory = new RecordedMemory((nint)_next, bytes, name);
        _next += (bytes + 2 * Alignment - 1) / Alignment * Alignment;
        Memory.Add(memory);
        return memory.Start;
    }

    public nint AllocatePinned(long bytes, string name)
    {
        _pinned.Add((nint)NativeMemory.AllocZeroed((nuint)bytes));
        return _pinned[^1];
    }

    public nint LoadModule(string source, string name, IReadOnlyList<string> defines)
    {
        _texts.Add(++_lastHandle, source);
        _signatures.Add(_lastHandle, KernelSignature.Of(source));
        return _lastHandle;
    }

    public nint Kernel(nint module, string name, int sharedBytes)
    {
        _kernels.Add(++_lastHandle, (_signatures[module].Single(kernel => kernel.Name == name), sharedBytes));
        return _lastHandle;
    }

    public void Launch(nint kernel, in LaunchShape shape, void** arguments, int count)
    {
        (KernelSignature signature, int sharedBytes) = _kernels[kernel];
        if (count != signature.Parameters.Length)
        {
            throw new ArgumentException($"{signature.Name} has {signature.Parameters.Length} parameters and was given {count}.");
        }

        var pointers = new Dictionary<KernelParameter, nint>();
        for (int i = 0; i < count; i++)
        {
            if (signature.Parameters[i].IsPointer)
            {
                pointers.Add(signature.Parameters[i], *(nint*)arguments[i]);
            }
        }

        Launches.Add(new RecordedLaunch(signature, shape, sharedBytes, pointers));
    }

    public void Multiply(in DeviceProduct product) => Products.Add(product);

    public nint Capture(Action work)
    {
        work();
        return ++_lastHandle;
    }

    public nint CreateEvent() => ++_lastHandle;

    public double Milliseconds(nint first, nint second) => 0;

    public void Free(nint memory)
    {
    }

    public void FreePinned(nint memory)
    {
    }

    public void Upload(nint destination, void* source, long bytes)
    {
    }

    public void Download(void* destination, nint source, long bytes)
    {
    }

    public void UploadPinned(nint destination, nint pinned, long bytes)
    {
    }

    public void DownloadPinned(nint pinned, nint source, long bytes)
    {
    }

    public void Copy(nint destination, nint source, long bytes) => Copies.Add(new RecordedCopy(destination, source, bytes));

    public void Clear(nint destination, long bytes) => Copies.Add(new RecordedCopy(destination, 0, bytes));

    public void Replay(nint graph)
    {
    }

    public void FreeGraph(nint graph)
    {
    }

    public void Record(nint mark)
    {
    }

    public void Wait(nint mark)
    {
    }

    public void FreeEvent(nint mark)
    {
    }

    public void Synchronize()
    {
    }

    public void Dispose() => _pinned.ForEach(memory => NativeMemory.Free((void*)memory));
}

/// <summary>Memory that was asked for.</summary>
internal sealed record RecordedMemory(nint Start, long Bytes, string Name)
{
    /// <summary>Whether a stretch lies in it.</summary>
    public bool Holds(nint address, long bytes) => address >= Start && address + bytes <= Start + Bytes;
}

/// <summary>A copy on the device that was asked for, or a clear, which has no source.</summary>
internal readonly record struct RecordedCopy(nint Destination, nint Source, long Bytes);

/// <summary>A launch that was asked for.</summary>
/// <param name="Kernel">What it launches.</param>
/// <param name="Shape">Blocks, threads and shared memory.</param>
/// <param name="MostSharedBytes">The most dynamic shared memory that the kernel was found for.</param>
/// <param name="Pointers">Its addresses.</param>
internal sealed record RecordedLaunch(KernelSignature Kernel, LaunchShape Shape, int MostSharedBytes, IReadOnlyDictionary<KernelParameter, nint> Pointers);
