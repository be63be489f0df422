namespace Embeddings.Checkpoints;

/// <summary>
/// Writes a file so that at any moment, even after a crash or on a full disk, its path holds either all of the old content or all of the
/// new: written beside, flushed to disk, renamed.
/// </summary>
public static class AtomicFile
{
    private const string PartialSuffix = ".partial";
    private const int BufferSize = 1 << 20;

    /// <summary>Writes or replaces a file.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content to a stream that can only be written forward.</param>
    /// <exception cref="UserError">It cannot be written; the old content is untouched and nothing is left beside it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string partial = path + PartialSuffix;
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception error)
        {
            DeleteQuietly(partial);
            if (error is IOException or UnauthorizedAccessException)
            {
                throw CannotWrite(path, error);
            }

            throw;
        }
    }

    /// <summary>Creates a folder and those above it.</summary>
    /// <exception cref="UserError">It cannot be created.</exception>
    public static void CreateFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new UserError($"Cannot write into '{folder}', for it is a file; give a folder.");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CannotWrite(folder, error);
        }
    }

    /// <summary>The sentence for a file or folder that cannot be written.</summary>
    internal static UserError CannotWrite(string path, Exception cause)
    {
        string hint = cause is UnauthorizedAccessException ? "give a folder that can be written to" : "free some space or give another folder";
        return new UserError($"Cannot write '{path}' ({cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}); {hint}.", cause);
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
