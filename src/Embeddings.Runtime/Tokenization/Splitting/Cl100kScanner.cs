using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>
/// cl100k_base's pattern. In words: a contraction in any case; or letters, with one character before them that is no letter, digit or line
/// end; or one to three digits; or other characters with one space before and line ends after them; or white space up to its last line end;
/// or white space, whose last character stays for what follows.
/// </summary>
internal readonly unsafe struct Cl100kScanner : IScanner
{
    /// <summary>The pattern; quantifiers that give nothing back are written plainly.</summary>
    public const string Pattern =
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static readonly Splitter Splitter =
        new ScanningSplitter<Cl100kScanner>(nameof(PreTokenization.Cl100k), Pattern, PreTokenization.Cl100k, cutsAfterWords: true);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Next(byte* start, byte* end)
    {
        uint kind = CharacterKinds.At(start, end, out int length);
        byte* second = start + length;
        if ((kind & CharacterKinds.Letter) != 0)
        {
            return Scan.Letters(second, end);
        }

        if ((kind & CharacterKinds.Number) != 0)
        {
            return Scan.AtMost(second, end, CharacterKinds.Number, 2);
        }

        byte first = *start;
        if (first == (byte)'\'' && Scan.Contraction(start, end) is var contraction && contraction != null)
        {
            return contraction;
        }

        uint next = second < end ? CharacterKinds.At(second, end, out length) : 0;
        if ((next & CharacterKinds.Letter) != 0 && first is not ((byte)'\r' or (byte)'\n'))
        {
            return Scan.Letters(second + length, end);
        }

        if ((kind & CharacterKinds.Other) != 0 || (first == (byte)' ' && (next & CharacterKinds.Other) != 0))
        {
            return Scan.LineEnds(Scan.While(second, end, CharacterKinds.Other), end);
        }

        return (next & CharacterKinds.Space) == 0 ? second : Scan.SpacesOrLines(start, end);
    }

    /// <inheritdoc/>
    public static bool ReadsBlocks => Cl100kBlocks.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Starts(byte* block, byte* end) => Cl100kBlocks.Starts(block, end, mostDigits: 3);
}
