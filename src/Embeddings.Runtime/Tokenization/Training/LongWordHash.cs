using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>A hash of words that do not fit a <see cref="WordKey"/>; whoever uses it compares the bytes too.</summary>
internal static class LongWordHash
{
    /// <summary>The hash, never 0.</summary>
    public static ulong Of(ReadOnlySpan<byte> word)
    {
        ulong hash = (ulong)word.Length * 0x9E3779B97F4A7C15UL;
        while (word.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(word));
            word = word[sizeof(ulong)..];
        }

        ulong tail = 0;
        foreach (byte value in word)
        {
            tail = tail << 8 | value;
        }

        return Mix(hash ^ tail ^ 0xA0761D6478BD642FUL) | 1;
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0xD6E8FEB86659FD93UL, out ulong low);
        return high ^ low;
    }
}
