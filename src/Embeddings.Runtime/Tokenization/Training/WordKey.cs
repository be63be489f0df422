using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Embeddings.Tokenization;

/// <summary>
/// A word of 1 … 15 bytes in 16: its bytes, zeros, and its length in the last. Equal words have equal keys, and no key is all zeros.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct WordKey(ulong low, ulong high)
{
    /// <summary>Longest word that fits.</summary>
    public const int Longest = 15;

    /// <summary>Bytes 0 … 7.</summary>
    public readonly ulong Low = low;

    /// <summary>Bytes 8 … 14 and the length.</summary>
    public readonly ulong High = high;

    /// <summary>Sixteen bytes from place 16 − n on keep the first n of sixteen.</summary>
    private static ReadOnlySpan<byte> Mask =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Bytes of the word.</summary>
    public int Length => (int)(High >> 56);

    /// <summary>A hash whose upper bits are the best mixed.</summary>
    public ulong Hash
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong high = Math.BigMul(Low ^ 0x9E3779B97F4A7C15UL, High ^ 0xD6E8FEB86659FD93UL, out ulong low);
            return high ^ low;
        }
    }

    /// <summary>The key of a word.</summary>
    /// <param name="word">Its first byte.</param>
    /// <param name="length">Its length, 1 … 15.</param>
    /// <param name="end">End of the memory that may be read.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordKey Of(byte* word, int length, byte* end)
    {
        if (end - word < Vector128<byte>.Count)
        {
            return OfTail(word, length);
        }

        Vector128<ulong> bytes = (Vector128.Load(word) & Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Mask), (nuint)(Longest + 1 - length))).AsUInt64();
        return new WordKey(bytes[0], bytes[1] | (ulong)length << 56);
    }

    /// <summary>Copies the word's bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        WordKey key = this;
        new ReadOnlySpan<byte>(&key, Length).CopyTo(destination);
    }

    private static WordKey OfTail(byte* word, int length)
    {
        ulong low = 0;
        ulong high = (ulong)length << 56;
        for (int i = 0; i < length; i++)
        {
            if (i < 8)
            {
                low |= (ulong)word[i] << (8 * i);
            }
            else
            {
                high |= (ulong)word[i] << (8 * (i - 8));
            }
        }

        return new WordKey(low, high);
    }
}
