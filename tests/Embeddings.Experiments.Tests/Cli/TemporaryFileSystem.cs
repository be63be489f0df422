using System.Diagnostics;
using System.Globalization;

namespace Embeddings.Experiments.Tests.Cli;

/// <summary>A small file system in memory, for full and read-only disks; needs the right to mount.</summary>
internal sealed class TemporaryFileSystem : IDisposable
{
    private TemporaryFileSystem(string folder) => Folder = folder;

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Mounts one; skips the test where that is not allowed.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="readOnly">Whether nothing can be written.</param>
    public static TemporaryFileSystem Mount(string folder, long bytes, bool readOnly = false)
    {
        Directory.CreateDirectory(folder);
        string options = string.Create(CultureInfo.InvariantCulture, $"size={bytes}{(readOnly ? ",ro" : "")}");
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), "Mounting a file system is not allowed here.");
        return new TemporaryFileSystem(folder);
    }

    public void Dispose() => Assert.True(Run("umount", Folder));

    private static bool Run(string program, params string[] words)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
