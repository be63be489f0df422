using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Embeddings.Tokenization;

/// <summary>
/// The steps that splitters are made of. Each reads characters from a position to the end of a document and returns where it stopped.
/// Runs of ASCII go 32 bytes at a time; any other character is looked up in <see cref="CharacterKinds"/>.
/// </summary>
public static unsafe class Scan
{
    /// <summary>Whether the byte is an ASCII letter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAsciiLetter(byte value) => (uint)((value | 0x20) - 'a') < 26;

    /// <summary>Over letters, <c>\p{L}*</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Letters(byte* position, byte* end)
    {
        if (end - position >= Vector256<byte>.Count)
        {
            uint rest = NotLetters(Vector256.Load(position));
            if (rest != 0)
            {
                position += BitOperations.TrailingZeroCount(rest);
                return *position < 0x80 ? position : While(position, end, CharacterKinds.Letter);
            }
        }

        return LongLetters(position, end);
    }

    /// <summary>Over characters of a set, <c>[…]*</c>.</summary>
    /// <param name="position">Where to begin.</param>
    /// <param name="end">End of the document.</param>
    /// <param name="kinds">The set, as <see cref="CharacterKinds"/> has it.</param>
    public static byte* While(byte* position, byte* end, uint kinds)
    {
        while (position < end && (CharacterKinds.At(position, end, out int length) & kinds) != 0)
        {
            position += length;
        }

        return position;
    }

    /// <summary>Over at most so many characters of a set, <c>[…]{0,n}</c>.</summary>
    public static byte* AtMost(byte* position, byte* end, uint kinds, int count)
    {
        while (count-- > 0 && position < end && (CharacterKinds.At(position, end, out int length) & kinds) != 0)
        {
            position += length;
        }

        return position;
    }

    /// <summary>Over carriage returns and line feeds, <c>[\r\n]*</c>.</summary>
    public static byte* LineEnds(byte* position, byte* end)
    {
        while (position < end && *position is (byte)'\r' or (byte)'\n')
        {
            position++;
        }

        return position;
    }

    /// <summary>
    /// White space before something else, <c>\s+(?!\S)|\s+</c>: all of a run at the document's end; else all but its last character, which
    /// belongs to what follows; else the one character that there is.
    /// </summary>
    /// <param name="position">A white-space character.</param>
    /// <param name="end">End of the document.</param>
    public static byte* Spaces(byte* position, byte* end)
    {
        byte* start = position;
        byte* last = position;
        while (position < end && (CharacterKinds.At(position, end, out int length) & CharacterKinds.Space) != 0)
        {
            last = position;
            position += length;
        }

        return position == end || last == start ? position : last;
    }

    /// <summary>The same, but a run with line ends stops behind its last one, <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
    /// <param name="position">A white-space character.</param>
    /// <param name="end">End of the document.</param>
    public static byte* SpacesOrLines(byte* position, byte* end)
    {
        byte* start = position;
        byte* last = position;
        byte* line = null;
        while (position < end && (CharacterKinds.At(position, end, out int length) & CharacterKinds.Space) != 0)
        {
            last = position;
            position += length;
            line = *last is (byte)'\r' or (byte)'\n' ? position : line;
        }

        return line != null ? line : position == end || last == start ? position : last;
    }

    /// <summary>The end of a contraction in any case, <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>; null where there is none.</summary>
    /// <param name="position">An apostrophe.</param>
    /// <param name="end">End of the document.</param>
    public static byte* Contraction(byte* position, byte* end)
    {
        int first = end - position >= 2 ? position[1] | 0x20 : 0;
        int second = end - position >= 3 ? position[2] | 0x20 : 0;
        bool isAscii = first != 0 && position[1] < 0x80;
        return !isAscii ? null
            : first is 's' or 't' or 'm' or 'd' ? position + 2
            : position + 2 < end && position[2] < 0x80 && (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? position + 3
            : null;
    }

    /// <summary>The end of a contraction in lower case, <c>'s|'t|'re|'ve|'m|'ll|'d</c>; null where there is none.</summary>
    /// <param name="position">An apostrophe.</param>
    /// <param name="end">End of the document.</param>
    public static byte* LowerContraction(byte* position, byte* end)
    {
        int first = end - position >= 2 ? position[1] : 0;
        int second = end - position >= 3 ? position[2] : 0;
        return first is 's' or 't' or 'm' or 'd' ? position + 2
            : (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? position + 3
            : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint NotLetters(Vector256<byte> bytes)
    {
        Vector256<byte> folded = (bytes | Vector256.Create((byte)0x20)) - Vector256.Create((byte)'a');
        return ~Vector256.LessThan(folded, Vector256.Create((byte)26)).ExtractMostSignificantBits();
    }

    private static byte* LongLetters(byte* position, byte* end)
    {
        while (end - position >= Vector256<byte>.Count)
        {
            uint rest = NotLetters(Vector256.Load(position));
            if (rest != 0)
            {
                position += BitOperations.TrailingZeroCount(rest);
                break;
            }

            position += Vector256<byte>.Count;
        }

        return While(position, end, CharacterKinds.Letter);
    }
}
