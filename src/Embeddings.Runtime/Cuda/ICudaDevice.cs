namespace Embeddings.Cuda;

/// <summary>
/// One CUDA device as generated code sees it: memory, kernels, matrix products and graphs. All work goes into one stream and is done in the
/// order of the calls; a call returns before its work is done unless it says that it waits. Addresses on the device, modules, kernels,
/// graphs and events are raw handles that stay valid until they are freed or the device is disposed. Tests implement it on the processor.
/// </summary>
public unsafe interface ICudaDevice : IDisposable
{
    /// <summary>What the device is and can do.</summary>
    CudaDeviceInfo Info { get; }

    /// <summary>Takes zeroed memory on the device, aligned to 256 bytes.</summary>
    /// <param name="bytes">At least 1.</param>
    /// <param name="name">What it is for, in words, for messages.</param>
    /// <exception cref="OutOfDeviceMemoryException">It does not fit; the message names every allocation.</exception>
    nint Allocate(long bytes, string name);

    /// <summary>Gives memory back; waits for all work before it. 0 is nothing.</summary>
    void Free(nint memory);

    /// <summary>Takes memory of the host that the device can copy from and to while the host goes on.</summary>
    nint AllocatePinned(long bytes, string name);

    /// <summary>Gives it back; waits for all work before it. 0 is nothing.</summary>
    void FreePinned(nint memory);

    /// <summary>Copies from the host's ordinary memory; waits until the source may be changed.</summary>
    void Upload(nint destination, void* source, long bytes);

    /// <summary>Copies to the host's ordinary memory; waits for it and all work before it.</summary>
    void Download(void* destination, nint source, long bytes);

    /// <summary>Copies from pinned memory, which must stay as it is until then.</summary>
    void UploadPinned(nint destination, nint pinned, long bytes);

    /// <summary>Copies to pinned memory, which holds it only once an event recorded after it has been waited for.</summary>
    void DownloadPinned(nint pinned, nint source, long bytes);

    /// <summary>Copies on the device; the two must not overlap.</summary>
    void Copy(nint destination, nint source, long bytes);

    /// <summary>Sets bytes to zero.</summary>
    void Clear(nint destination, long bytes);

    /// <summary>Compiles CUDA C for this device.</summary>
    /// <param name="source">The text; it includes no file.</param>
    /// <param name="name">Its name in messages, such as <c>Baseline.cu</c>.</param>
    /// <param name="defines">Macros, each <c>NAME</c> or <c>NAME=value</c>.</param>
    /// <exception cref="CudaException">It does not compile; the message holds the compiler's.</exception>
    nint LoadModule(string source, string name, IReadOnlyList<string> defines);

    /// <summary>Finds a kernel of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">The function, declared <c>extern "C"</c>.</param>
    /// <param name="sharedBytes">The most dynamic shared memory that a launch of it asks for.</param>
    nint Kernel(nint module, string name, int sharedBytes);

    /// <summary>Starts a kernel.</summary>
    /// <param name="kernel">From <see cref="Kernel"/>.</param>
    /// <param name="shape">Blocks, threads and shared memory.</param>
    /// <param name="arguments">The address of each argument; the values are read before the call returns.</param>
    /// <param name="count">Number of arguments.</param>
    void Launch(nint kernel, in LaunchShape shape, void** arguments, int count);

    /// <summary>Starts a matrix product. The first of a new shape may time several ways to do it, outside a capture only.</summary>
    void Multiply(in DeviceProduct product);

    /// <summary>Records the launches, products, device copies, clears and pinned copies of an action, without doing them.</summary>
    /// <returns>A graph, which does them all when replayed, with the arguments that they had.</returns>
    nint Capture(Action work);

    /// <summary>Starts all work of a graph.</summary>
    void Replay(nint graph);

    /// <summary>Forgets a graph; waits for all work before it. 0 is nothing.</summary>
    void FreeGraph(nint graph);

    /// <summary>Makes an event, which marks a place in the order of work.</summary>
    nint CreateEvent();

    /// <summary>Marks the place after all work started so far.</summary>
    void Record(nint mark);

    /// <summary>Waits until the work before the mark is done; returns at once for an event never recorded.</summary>
    void Wait(nint mark);

    /// <summary>Milliseconds between two recorded places; waits for the second.</summary>
    double Milliseconds(nint first, nint second);

    /// <summary>Forgets an event. 0 is nothing.</summary>
    void FreeEvent(nint mark);

    /// <summary>Waits for all work.</summary>
    void Synchronize();
}
