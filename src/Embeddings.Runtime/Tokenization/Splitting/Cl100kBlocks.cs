using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Embeddings.Tokenization;

/// <summary>
/// The beginnings of pre-tokens of patterns like cl100k's among 64 bytes, found for all of them at once by arithmetic on sets of places. A block
/// begins where a pre-token begins, so nothing before it matters; what follows it is not known, so places that depend on that are left out.
/// </summary>
public static unsafe class Cl100kBlocks
{
    /// <summary>Whether the processor has what makes this fast.</summary>
    public static bool IsSupported => Bmi2.X64.IsSupported && Vector256.IsHardwareAccelerated;

    /// <summary>The places where pre-tokens begin, bit i for byte i. The first always is one; up to the last, none is missing.</summary>
    /// <param name="block">Where a pre-token begins; 64 bytes must be there.</param>
    /// <param name="end">End of the document.</param>
    /// <param name="mostDigits">Most digits of a pre-token; 0 for any number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Starts(byte* block, byte* end, int mostDigits)
    {
        var text = new AsciiBlock(block);
        ulong letters = text.Letters;
        ulong digits = text.Digits;
        ulong others = text.Others;

        // One space before other characters belongs to them; one such character, when it begins a pre-token, to the letters behind it.
        ulong otherStarts = others & ~((others | text.Spaces) << 1);
        ulong blanks = text.White & ~text.LineEnds;
        ulong starts = 1 | otherStarts | (letters & ~((letters | blanks | otherStarts) << 1)) | (digits & ~(digits << 1));

        // Line ends behind other characters belong to them; what is left of the white space begins a pre-token.
        ulong taken = text.LineEnds & ~(text.LineEnds + (text.LineEnds & others << 1));
        ulong white = text.White & ~taken;
        ulong lineEnds = text.LineEnds & ~taken;
        starts |= white & ~(white << 1);

        // A run of blanks before something else leaves its last one to it, and begins a pre-token where a line end stands before it.
        ulong firstBlanks = blanks & ~(blanks << 1);
        ulong behindBlanks = blanks + firstBlanks;
        starts |= (behindBlanks & ~lineEnds) >> 1;
        starts |= Bmi2.X64.ParallelBitDeposit(Bmi2.X64.ParallelBitExtract(~lineEnds, behindBlanks), firstBlanks) & lineEnds << 1;

        ulong contractions = text.Apostrophes & otherStarts & letters >> 1;
        if (contractions != 0)
        {
            starts |= BehindContractions(block, end, contractions, letters);
        }

        if ((digits & digits << 1) != 0 && mostDigits > 0)
        {
            starts |= InsideNumbers(digits, mostDigits);
        }

        // White space that the block ends with may go on; only its beginning is certain.
        ulong certain = text.Known & ~text.White;
        return certain == 0 ? 1 : starts & (ulong.MaxValue >> BitOperations.LeadingZeroCount(certain) << 1 | 1);
    }

    /// <summary>Letters that follow a contraction begin a pre-token.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong BehindContractions(byte* block, byte* end, ulong apostrophes, ulong letters)
    {
        ulong starts = 0;
        for (; apostrophes != 0; apostrophes &= apostrophes - 1)
        {
            byte* behind = Scan.Contraction(block + BitOperations.TrailingZeroCount(apostrophes), end);
            if (behind != null && behind - block < AsciiBlock.Size)
            {
                starts |= 1UL << (int)(behind - block);
            }
        }

        return starts & letters;
    }

    /// <summary>Digits that follow as many as stand together begin a pre-token.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong InsideNumbers(ulong digits, int mostDigits)
    {
        ulong behindMost = digits;
        for (int i = 1; i <= mostDigits; i++)
        {
            behindMost &= digits << i;
        }

        ulong starts = 0;
        for (ulong last = digits & ~(digits << 1); last != 0; starts |= last)
        {
            last = last << mostDigits & behindMost;
        }

        return starts;
    }
}
