using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>
/// Memory outside the garbage collector's heap for a table that is read at random places or is very large, on pages of 2 MiB where the system
/// gives them: a fault and an address translation for each 4 KiB would cost more than the reading.
/// </summary>
internal sealed unsafe partial class TableMemory
{
    private const nuint PageSize = 2 << 20;
    private const nuint LineSize = 64;
    private const int UseLargePages = 14;

    private readonly long _bytes;

    /// <summary>Allocates memory.</summary>
    /// <param name="bytes">How much; on large pages from 2 MiB on.</param>
    /// <param name="isCleared">Whether it must be zeros.</param>
    public TableMemory(nuint bytes, bool isCleared = true)
    {
        Pointer = NativeMemory.AlignedAlloc(bytes, bytes >= PageSize ? PageSize : LineSize);
        if (bytes >= PageSize && OperatingSystem.IsLinux())
        {
            Advise((byte*)Pointer, bytes);
        }

        if (isCleared)
        {
            NativeMemory.Clear(Pointer, bytes);
        }

        _bytes = (long)bytes;
        GC.AddMemoryPressure(_bytes);
    }

    ~TableMemory()
    {
        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure(_bytes);
    }

    /// <summary>The first byte; at the beginning of a cache line.</summary>
    public void* Pointer { get; }

    /// <summary>What the system does not know or want it leaves as it is.</summary>
    private static void Advise(byte* address, nuint bytes)
    {
        try
        {
            _ = Advise(address, bytes, UseLargePages);
        }
        catch (Exception problem) when (problem is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
