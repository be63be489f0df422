using Embeddings.Checkpoints;

namespace Embeddings.Training;

/// <summary>
/// The folder of a run while a session works in it: no other process trains there, and a folder that was made for a session that came
/// to nothing goes with it.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string LockName = "run.lock";

    private readonly string _path;
    private readonly bool _isNew;
    private readonly FileStream _guard;

    private RunFolder(string path, bool isNew, FileStream guard)
    {
        _path = path;
        _isNew = isNew;
        _guard = guard;
    }

    /// <summary>Makes the folder where it does not exist, and takes it for this process.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="UserError">Another program trains there, or the folder cannot be written.</exception>
    public static RunFolder Open(string path)
    {
        bool isNew = !Directory.Exists(path);
        AtomicFile.CreateFolder(path);
        return new RunFolder(path, isNew, Lock(path));
    }

    /// <summary>Gives the folder back, and removes it where nothing was written into it since it was made.</summary>
    public void Dispose()
    {
        _guard.Dispose();
        if (_isNew && !Directory.EnumerateFileSystemEntries(_path).Any())
        {
            Directory.Delete(_path);
        }
    }

    private static FileStream Lock(string folder)
    {
        string path = Path.Combine(folder, LockName);
        bool existed = File.Exists(path);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (UnauthorizedAccessException error)
        {
            throw AtomicFile.CannotWrite(folder, error);
        }
        catch (IOException error)
        {
            throw existed ? new UserError($"Another program is training in '{folder}'.", error) : AtomicFile.CannotWrite(folder, error);
        }
    }
}
