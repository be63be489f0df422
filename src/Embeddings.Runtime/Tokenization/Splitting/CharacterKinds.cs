using System.Globalization;
using System.Runtime.InteropServices;

namespace Embeddings.Tokenization;

/// <summary>
/// Sets of characters as bits: bit k stands for the Unicode category with number k (<see cref="UnicodeCategory"/>), bit 30 for the control
/// characters that are white space (U+0009 … U+000D and U+0085). A splitter asks whether the bit of a character is in a set.
/// </summary>
/// <remarks>
/// A character is a whole code point, as in the tokenizers whose files are read here; <c>System.Text.RegularExpressions</c> sees halves of
/// surrogate pairs above U+FFFF, which have no letters among them.
/// </remarks>
public static unsafe class CharacterKinds
{
    /// <summary><c>\p{Lu}</c> and <c>\p{Lt}</c>.</summary>
    public const uint Upper = 1u << (int)UnicodeCategory.UppercaseLetter | 1u << (int)UnicodeCategory.TitlecaseLetter;

    /// <summary><c>\p{Ll}</c>.</summary>
    public const uint Lower = 1u << (int)UnicodeCategory.LowercaseLetter;

    /// <summary><c>\p{Lm}</c> and <c>\p{Lo}</c>: letters without case.</summary>
    public const uint Uncased = 1u << (int)UnicodeCategory.ModifierLetter | 1u << (int)UnicodeCategory.OtherLetter;

    /// <summary><c>\p{L}</c>.</summary>
    public const uint Letter = Upper | Lower | Uncased;

    /// <summary><c>\p{M}</c>.</summary>
    public const uint Mark = 1u << (int)UnicodeCategory.NonSpacingMark | 1u << (int)UnicodeCategory.SpacingCombiningMark
        | 1u << (int)UnicodeCategory.EnclosingMark;

    /// <summary><c>\p{N}</c>.</summary>
    public const uint Number = 1u << (int)UnicodeCategory.DecimalDigitNumber | 1u << (int)UnicodeCategory.LetterNumber
        | 1u << (int)UnicodeCategory.OtherNumber;

    /// <summary><c>\s</c>.</summary>
    public const uint Space = 1u << (int)UnicodeCategory.SpaceSeparator | 1u << (int)UnicodeCategory.LineSeparator
        | 1u << (int)UnicodeCategory.ParagraphSeparator | 1u << WhiteControl;

    /// <summary>Every character.</summary>
    public const uint All = (1u << (WhiteControl + 1)) - 1;

    /// <summary><c>[^\s\p{L}\p{N}]</c>: punctuation, symbols, marks, other controls, unassigned characters and bytes that are not UTF-8.</summary>
    public const uint Other = All & ~(Space | Letter | Number);

    /// <summary>The bit of U+FFFD, which a byte that is not UTF-8 counts as.</summary>
    public const uint Replacement = 1u << (int)UnicodeCategory.OtherSymbol;

    private const int WhiteControl = 30;
    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;

    private static readonly uint* s_ascii = AsciiBits();
    private static readonly nint* s_pages = (nint*)NativeMemory.AllocZeroed(0x110000 >> PageBits, (nuint)sizeof(nint));

    /// <summary>The bit of each of the 128 ASCII characters.</summary>
    public static uint* Ascii => s_ascii;

    /// <summary>The bit of a code point that is no surrogate.</summary>
    public static uint Of(int codePoint)
    {
        var page = (byte*)s_pages[codePoint >> PageBits];
        return 1u << (page != null ? page : MakePage(codePoint >> PageBits))[codePoint & (PageSize - 1)];
    }

    /// <summary>The bit of the character at <paramref name="position"/> and its length in bytes.</summary>
    /// <param name="position">Where it begins; below <paramref name="end"/>.</param>
    /// <param name="end">End of the document.</param>
    /// <param name="length">Bytes it takes: 1 … 4. A byte that begins no whole UTF-8 sequence is a character by itself.</param>
    public static uint At(byte* position, byte* end, out int length)
    {
        uint first = *position;
        if (first < 0x80)
        {
            length = 1;
            return s_ascii[first];
        }

        return Of(Decode(position, end, out length));
    }

    /// <summary>The code point at a position; U+FFFD and length 1 where there is none.</summary>
    internal static int Decode(byte* position, byte* end, out int length)
    {
        uint first = *position;
        long room = end - position;
        if (first < 0x80)
        {
            length = 1;
            return (int)first;
        }

        if (first is >= 0xC2 and < 0xE0 && room >= 2 && IsContinuation(position[1]))
        {
            length = 2;
            return (int)((first & 0x1F) << 6 | (position[1] & 0x3Fu));
        }

        if (first is >= 0xE0 and < 0xF0 && room >= 3 && IsContinuation(position[1]) && IsContinuation(position[2]))
        {
            uint code = (first & 0x0F) << 12 | (position[1] & 0x3Fu) << 6 | (position[2] & 0x3Fu);
            if (code is >= 0x800 and not (>= 0xD800 and < 0xE000))
            {
                length = 3;
                return (int)code;
            }
        }

        if (first is >= 0xF0 and < 0xF5 && room >= 4
            && IsContinuation(position[1]) && IsContinuation(position[2]) && IsContinuation(position[3]))
        {
            uint code = (first & 0x07) << 18 | (position[1] & 0x3Fu) << 12 | (position[2] & 0x3Fu) << 6 | (position[3] & 0x3Fu);
            if (code is >= 0x10000 and < 0x110000)
            {
                length = 4;
                return (int)code;
            }
        }

        length = 1;
        return 0xFFFD;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;

    /// <summary>Tables of 256 code points are made when first met; two threads that make the same one make the same bytes.</summary>
    private static byte* MakePage(int index)
    {
        var page = (byte*)NativeMemory.Alloc(PageSize);
        for (int i = 0; i < PageSize; i++)
        {
            page[i] = (byte)KindOf(index * PageSize + i);
        }

        nint known = Interlocked.CompareExchange(ref s_pages[index], (nint)page, 0);
        if (known == 0)
        {
            return page;
        }

        NativeMemory.Free(page);
        return (byte*)known;
    }

    private static uint* AsciiBits()
    {
        var bits = (uint*)NativeMemory.Alloc(128, sizeof(uint));
        for (int i = 0; i < 128; i++)
        {
            bits[i] = 1u << KindOf(i);
        }

        return bits;
    }

    private static int KindOf(int codePoint) =>
        codePoint is (>= 0x09 and <= 0x0D) or 0x85 ? WhiteControl : (int)CharUnicodeInfo.GetUnicodeCategory(codePoint);
}
