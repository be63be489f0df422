using System.Runtime.InteropServices;

namespace Embeddings.Checkpoints;

/// <summary>
/// Makes a rename inside a folder survive a loss of power. .NET cannot open a folder, so this asks the C library; where it does not
/// work (Windows, some network file systems) the rename is still atomic, and only its durability is left to the system.
/// </summary>
internal static partial class FolderSync
{
    /// <summary>Flushes a folder's entries to disk, as far as the system allows it.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            int descriptor = Open(folder, 0);
            if (descriptor >= 0)
            {
                _ = Synchronize(descriptor);
                _ = Close(descriptor);
            }
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
