using System.Security.Cryptography;
using System.Text;
using Embeddings.Checkpoints;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// Compiled kernels in files, so that the next run need not compile them again: one file for each key (text, options and compiler), named by
/// the key's SHA-256. It holds the SHA-256 of the code, then the code, so that a damaged file is known and compiled again. Failures to
/// read or write cost no more than compiling. Of many files, those that were not used for longest are deleted.
/// </summary>
/// <param name="folder">Where they lie; it is made when the first is written.</param>
/// <param name="mostFiles">Files that are kept, about a megabyte each.</param>
internal sealed class ModuleCache(string folder, int mostFiles = 256)
{
    private const string Extension = ".module";

    /// <summary>The folder beside the choices of <see cref="AlgorithmCache"/>.</summary>
    public static string DefaultFolder => Path.Combine(Path.GetDirectoryName(AlgorithmCache.DefaultPath)!, "cuda-modules");

    /// <summary>The code of a key, or null where there is none that is whole.</summary>
    public byte[]? Find(string key)
    {
        string path = PathOf(key);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            byte[] content = File.ReadAllBytes(path);
            if (content.Length <= SHA256.HashSizeInBytes
                || !SHA256.HashData(content.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(content.AsSpan(0, SHA256.HashSizeInBytes)))
            {
                return null;
            }

            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return content[SHA256.HashSizeInBytes..];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the code of a key, in place of what was there.</summary>
    public void Add(string key, byte[] code)
    {
        try
        {
            AtomicFile.CreateFolder(folder);
            AtomicFile.Write(PathOf(key), stream =>
            {
                stream.Write(SHA256.HashData(code));
                stream.Write(code);
            });
            foreach (FileInfo old in new DirectoryInfo(folder).GetFiles("*" + Extension).OrderByDescending(file => file.LastWriteTimeUtc).Skip(mostFiles))
            {
                old.Delete();
            }
        }
        catch (Exception error) when (error is UserError or IOException or UnauthorizedAccessException)
        {
        }
    }

    private string PathOf(string key) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + Extension);
}
