using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>A hash of words that do not fit a <see cref="WordKey"/>; whoever uses it compares the bytes too.</summary>
internal static class LongWordHash
{
    /// <summary>The hash, never 0.</summary>
    public static ulong Of(ReadOnlySpan<byte> word)
    {
        ulong hash = (ulong)word.Length * 0x9E3779B97F4A7C15UL;
        ref byte first = ref MemoryMarshal.GetReference(word);
        int length = word.Length;
        if (length < sizeof(ulong))
        {
            // Both halves overlap where the word is shorter than they are together.
            ulong tail = length >= sizeof(uint)
                ? (ulong)Unsafe.ReadUnaligned<uint>(ref first) << 32 | Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, length - sizeof(uint)))
                : length == 0 ? 0 : (ulong)first << 16 | (ulong)Unsafe.Add(ref first, length >> 1) << 8 | Unsafe.Add(ref first, length - 1);
            return Mix(hash ^ tail ^ 0xA0761D6478BD642FUL) | 1;
        }

        for (int i = 0; i < length - sizeof(ulong); i += sizeof(ulong))
        {
            hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, i)));
        }

        return Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, length - sizeof(ulong))) ^ 0xA0761D6478BD642FUL) | 1;
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0xD6E8FEB86659FD93UL, out ulong low);
        return high ^ low;
    }
}
