using System.Security.Cryptography;

namespace Embeddings.Checkpoints;

/// <summary>Writes safetensors files (github.com/huggingface/safetensors), atomically.</summary>
public static class SafeTensorsWriter
{
    /// <summary>The metadata entry that holds the SHA-256 of all tensors' bytes, in hexadecimal.</summary>
    public const string HashName = "data.sha256";

    /// <summary>Writes tensors one after the other, and the hash of their bytes into the metadata.</summary>
    /// <param name="path">File to write or replace.</param>
    /// <param name="tensors">Tensors in order; names must differ.</param>
    /// <param name="metadata">Texts to store.</param>
    /// <exception cref="UserError">The file cannot be written; what stood there is untouched.</exception>
    public static void Write(string path, IReadOnlyList<TensorSource> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Safetensors files are written on little-endian machines only.");
        }

        var infos = new List<TensorInfo>();
        long end = 0;
        foreach (TensorSource tensor in tensors)
        {
            long begin = end;
            end = checked(end + tensor.Size);
            infos.Add(new TensorInfo(tensor.Name, tensor.Element, tensor.Shape, begin, end));
        }

        var texts = new Dictionary<string, string>(metadata) { [HashName] = Hash(tensors) };
        byte[] header = new SafeTensorsHeader(texts, infos).ToBytes();
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (TensorSource tensor in tensors)
            {
                tensor.Write(stream);
            }
        });
    }

    private static string Hash(IReadOnlyList<TensorSource> tensors)
    {
        using var hash = SHA256.Create();
        using var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write);
        foreach (TensorSource tensor in tensors)
        {
            tensor.Write(stream);
        }

        stream.FlushFinalBlock();
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
