using System.Security.Cryptography;

namespace Embeddings.Tokenization;

/// <summary>Writes numbers of seven bits a byte, the lowest first, and bytes; at the end SHA-256 of all.</summary>
/// <param name="stream">Receives them.</param>
internal sealed class NumberWriter(Stream stream) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _count;

    /// <summary>Writes a number of 0 or more.</summary>
    public void Number(long value)
    {
        const int Longest = 9;
        if (_count + Longest > _buffer.Length)
        {
            Flush();
        }

        for (; value >= 0x80; value >>= 7)
        {
            _buffer[_count++] = (byte)(value | 0x80);
        }

        _buffer[_count++] = (byte)value;
    }

    /// <summary>Writes bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _count)
        {
            Flush();
        }

        if (bytes.Length > _buffer.Length)
        {
            _hash.AppendData(bytes);
            stream.Write(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>Writes the hash.</summary>
    public void End()
    {
        Flush();
        stream.Write(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _count);
        stream.Write(_buffer, 0, _count);
        _count = 0;
    }
}
