using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Embeddings.Models;

namespace Embeddings.Checkpoints;

/// <summary>
/// A safetensors file opened for reading. Its header is checked whole before anything is read: lengths, types, shapes, and that the
/// tensors lie side by side and end with the file.
/// </summary>
public sealed class SafeTensorsFile : IDisposable
{
    private const int Chunk = 1 << 20;

    private readonly FileStream _stream;
    private readonly SafeTensorsHeader _header;
    private readonly long _dataStart;
    private readonly Dictionary<string, TensorInfo> _tensors;

    private SafeTensorsFile(string path, FileStream stream, SafeTensorsHeader header, long dataStart)
    {
        Path = path;
        _stream = stream;
        _header = header;
        _dataStart = dataStart;
        _tensors = header.Tensors.ToDictionary(tensor => tensor.Name);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Texts by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Tensors in the order of their places.</summary>
    public IReadOnlyList<TensorInfo> Tensors => _header.Tensors;

    /// <summary>Opens a file.</summary>
    /// <exception cref="UserError">It is missing, cannot be read, or is no sound safetensors file.</exception>
    public static SafeTensorsFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserError($"There is no file '{path}'.");
        }

        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
            (SafeTensorsHeader header, long dataStart) = ReadHeader(stream);
            return new SafeTensorsFile(path, stream, header, dataStart);
        }
        catch (InvalidDataException error)
        {
            stream?.Dispose();
            throw new UserError($"'{path}' is not a sound safetensors file: {error.Message}.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw new UserError($"Cannot read '{path}': {error.Message.TrimEnd('.')}.", error);
        }
    }

    /// <summary>Finds a tensor.</summary>
    public TensorInfo? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <summary>Checks that a tensor is there with this shape and element type.</summary>
    /// <exception cref="UserError">It is not.</exception>
    public void Require<T>(string name, ImmutableArray<long> shape)
    {
        TensorInfo tensor = Find(name) ?? throw new UserError($"'{Path}' has no tensor '{name}'.");
        if (tensor.Element != TensorElements.Of<T>() || !tensor.Shape.AsSpan().SequenceEqual(shape.AsSpan()))
        {
            throw new UserError(
                $"Tensor '{name}' of '{Path}' is {tensor.Element} {tensor.ShapeText}, not {TensorElements.Of<T>()} [{string.Join(", ", shape)}].");
        }
    }

    /// <summary>Reads a tensor's elements into an arena.</summary>
    /// <param name="name">A tensor that <see cref="Require"/> has accepted.</param>
    /// <param name="arena">Receives them.</param>
    /// <param name="offset">Elements before it there.</param>
    /// <exception cref="UserError">The file cannot be read.</exception>
    public void Read<T>(string name, Arena<T> arena, long offset)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TensorInfo tensor = _tensors[name];
        long count = (tensor.End - tensor.Begin) / tensor.Element.Size();
        Guarded(() =>
        {
            _stream.Position = _dataStart + tensor.Begin;
            for (long done = 0; done < count; done += Chunk)
            {
                _stream.ReadExactly(MemoryMarshal.AsBytes(arena.Slice(offset + done, (int)Math.Min(Chunk, count - done))));
            }
        });
    }

    /// <summary>Compares the tensors' bytes with the hash in the metadata, where there is one.</summary>
    /// <exception cref="UserError">They differ.</exception>
    public void VerifyHash() => Guarded(() =>
    {
        if (Metadata.TryGetValue(SafeTensorsWriter.HashName, out string? expected))
        {
            _stream.Position = _dataStart;
            if (Convert.ToHexStringLower(SHA256.HashData(_stream)) != expected)
            {
                throw new UserError($"'{Path}' is damaged: its tensors do not match the hash in its header.");
            }
        }
    });

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static (SafeTensorsHeader Header, long DataStart) ReadHeader(FileStream stream)
    {
        long fileLength = stream.Length;
        if (fileLength < SafeTensorsHeader.LengthSize)
        {
            throw new InvalidDataException($"it has only {fileLength} bytes");
        }

        Span<byte> lengthBytes = stackalloc byte[SafeTensorsHeader.LengthSize];
        stream.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > SafeTensorsHeader.LongestHeader)
        {
            throw new InvalidDataException($"its header claims {length} bytes");
        }

        long dataStart = SafeTensorsHeader.LengthSize + (long)length;
        if (dataStart > fileLength)
        {
            throw new InvalidDataException($"it is cut off inside its header of {length} bytes");
        }

        var json = new byte[length];
        stream.ReadExactly(json);
        return (SafeTensorsHeader.Parse(json, fileLength - dataStart), dataStart);
    }

    private void Guarded(Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"Cannot read '{Path}': {error.Message.TrimEnd('.')}.", error);
        }
    }
}
