using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>
/// o200k_base's pattern. In words: a word, which is upper case then lower case (letters without case and marks count as both), with one
/// character before it that is no letter, digit or line end, and a contraction after it; or one to three digits; or other characters with
/// one space before and line ends and slashes after them; or white space up to its last line end; or white space, whose last character
/// stays for what follows.
/// </summary>
internal readonly unsafe struct O200kScanner : IScanner
{
    /// <summary>The pattern.</summary>
    public const string Pattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static readonly Splitter Splitter =
        new ScanningSplitter<O200kScanner>(nameof(PreTokenization.O200k), Pattern, PreTokenization.O200k, cutsAfterWords: true);

    private const uint Both = CharacterKinds.Uncased | CharacterKinds.Mark;
    private const uint UpperOrBoth = CharacterKinds.Upper | Both;
    private const uint LowerOrBoth = CharacterKinds.Lower | Both;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Next(byte* start, byte* end)
    {
        uint kind = CharacterKinds.At(start, end, out int length);
        byte* second = start + length;
        byte first = *start;
        bool mayPrecede = (kind & (CharacterKinds.Letter | CharacterKinds.Number)) == 0 && first is not ((byte)'\r' or (byte)'\n');
        bool isWord = (kind & (CharacterKinds.Letter | CharacterKinds.Mark)) != 0;
        byte* word;
        if ((mayPrecede && (word = UpperThenLower(second, end)) != null)
            || (isWord && (word = UpperThenLower(start, end)) != null)
            || (mayPrecede && (word = Scan.While(second, end, UpperOrBoth)) != second)
            || (isWord && (word = Scan.While(start, end, UpperOrBoth)) != start))
        {
            return word < end && *word == (byte)'\'' && Scan.Contraction(word, end) is var longer && longer != null ? longer : word;
        }

        if ((kind & CharacterKinds.Number) != 0)
        {
            return Scan.AtMost(second, end, CharacterKinds.Number, 2);
        }

        byte* other = Scan.While((kind & CharacterKinds.Other) != 0 || first == (byte)' ' ? second : start, end, CharacterKinds.Other);
        return (kind & CharacterKinds.Other) != 0 || (first == (byte)' ' && other != second)
            ? LineEndsAndSlashes(other, end)
            : Scan.SpacesOrLines(start, end);
    }

    /// <summary>
    /// <c>[upper or both]*[lower or both]+</c>. Where no lower-case letter follows the first run, that run gives back up to its last
    /// character that counts as both. Null where nothing matches.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* UpperThenLower(byte* position, byte* end)
    {
        byte* afterBoth = null;
        while (position < end)
        {
            uint kind = CharacterKinds.At(position, end, out int length);
            if ((kind & CharacterKinds.Lower) != 0)
            {
                return LowerLetters(position + length, end);
            }

            if ((kind & UpperOrBoth) == 0)
            {
                break;
            }

            position += length;
            afterBoth = (kind & Both) != 0 ? position : afterBoth;
        }

        return afterBoth;
    }

    private static byte* LowerLetters(byte* position, byte* end)
    {
        while (end - position > 0 && (uint)(*position - 'a') < 26)
        {
            position++;
        }

        return position < end && *position >= 0x80 ? Scan.While(position, end, LowerOrBoth) : position;
    }

    private static byte* LineEndsAndSlashes(byte* position, byte* end)
    {
        while (position < end && *position is (byte)'\r' or (byte)'\n' or (byte)'/')
        {
            position++;
        }

        return position;
    }
}
