namespace Embeddings.Tokenization;

/// <summary>
/// Lists of ascending word numbers in one growing block of bytes: each number as its distance from the one before, the first from −1, seven
/// bits a byte, the lowest first, the eighth bit where more follow.
/// </summary>
internal unsafe struct WordLists : IDisposable
{
    private NativeArray<byte> _bytes;
    private long _length;

    /// <summary>Where a list begins.</summary>
    public readonly byte* this[long offset] => _bytes.Pointer + offset;

    /// <summary>Bytes that a distance takes.</summary>
    public static int Size(int distance) =>
        distance < 1 << 7 ? 1 : distance < 1 << 14 ? 2 : distance < 1 << 21 ? 3 : distance < 1 << 28 ? 4 : 5;

    /// <summary>Reads a distance and moves behind it.</summary>
    public static int Read(ref byte* position)
    {
        int value = *position++;
        if (value < 0x80)
        {
            return value;
        }

        value &= 0x7F;
        for (int shift = 7; ; shift += 7)
        {
            int next = *position++;
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    /// <summary>Makes room for a list.</summary>
    public long Allocate(int bytes)
    {
        long offset = _length;
        _length += bytes;
        _bytes.Reserve(_length);
        return offset;
    }

    /// <summary>Writes a distance and returns the place behind it.</summary>
    public readonly long Write(long offset, int distance)
    {
        byte* position = _bytes.Pointer + offset;
        while (distance >= 0x80)
        {
            *position++ = (byte)(distance | 0x80);
            distance >>= 7;
        }

        *position++ = (byte)distance;
        return position - _bytes.Pointer;
    }

    /// <summary>Bytes of all lists and of the gaps between them.</summary>
    public readonly long Length => _length;

    /// <summary>Moves a list towards the beginning.</summary>
    public readonly void Move(long from, long to, int bytes) =>
        Buffer.MemoryCopy(_bytes.Pointer + from, _bytes.Pointer + to, bytes, bytes);

    /// <summary>Forgets all lists from a place on and gives their memory back.</summary>
    public void Cut(long length)
    {
        _length = length;
        _bytes.Shrink(length);
    }

    /// <summary>Forgets all lists and gives their memory back.</summary>
    public void Dispose()
    {
        _bytes.Dispose();
        _length = 0;
    }
}
