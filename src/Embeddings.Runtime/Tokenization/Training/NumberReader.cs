using System.Security.Cryptography;

namespace Embeddings.Tokenization;

/// <summary>Reads what a <see cref="NumberWriter"/> wrote. What is no such thing is told when it is met, or at the end at the latest.</summary>
/// <param name="stream">Where it is.</param>
internal sealed class NumberReader(Stream stream) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[1 << 16];
    private int _place;
    private int _count;

    /// <summary>Reads bytes that are known beforehand; false where there are others.</summary>
    public bool Expect(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Bytes(bytes.Length).SequenceEqual(bytes);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Reads a number.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public long Number()
    {
        const int MostBits = 63;
        long value = 0;
        for (int shift = 0; shift < MostBits; shift += 7)
        {
            Need(1);
            byte next = _buffer[_place++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    /// <summary>Reads a number that is a length or an id.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public int Length() => Number() is <= int.MaxValue and long value ? (int)value : throw Damaged();

    /// <summary>Reads bytes; they hold until the next call.</summary>
    /// <exception cref="FormatException">There are fewer.</exception>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        Need(count);
        _place += count;
        return _buffer.AsSpan(_place - count, count);
    }

    /// <summary>Checks the hash of all that was read.</summary>
    /// <exception cref="FormatException">It is another.</exception>
    public void End()
    {
        _hash.AppendData(_buffer, 0, _place);
        byte[] expected = _hash.GetHashAndReset();
        if (!Bytes(expected.Length).SequenceEqual(expected) || _place != _count || stream.ReadByte() >= 0)
        {
            throw Damaged();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    /// <summary>Makes sure that so many bytes are in the buffer.</summary>
    private void Need(int count)
    {
        if (_count - _place >= count)
        {
            return;
        }

        // What a damaged length asks for must not be allocated before it is known to be there.
        if (count > _buffer.Length && count > stream.Length - stream.Position + _count - _place)
        {
            throw Damaged();
        }

        _hash.AppendData(_buffer, 0, _place);
        byte[] target = count > _buffer.Length ? new byte[count] : _buffer;
        _buffer.AsSpan(_place, _count - _place).CopyTo(target);
        _buffer = target;
        _count -= _place;
        _place = 0;
        _count += stream.ReadAtLeast(_buffer.AsSpan(_count), count - _count, throwOnEndOfStream: false);
        if (_count < count)
        {
            throw Damaged();
        }
    }

    private static FormatException Damaged() => new("it is damaged");
}
