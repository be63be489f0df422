using System.Text;
using Embeddings.Checkpoints;

namespace Embeddings.Experiments;

/// <summary>Writes whole files through <see cref="AtomicFile"/>.</summary>
internal static class OutputFile
{
    /// <summary>Writes bytes.</summary>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public static void Write(string path, byte[] content) => AtomicFile.Write(path, stream => stream.Write(content));

    /// <summary>Writes text in UTF-8.</summary>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public static void Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));
}
