using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>
/// GPT-2's pattern. In words: a contraction in lower case; or letters, digits, or other characters, each with one space before them; or
/// white space, whose last character stays for what follows.
/// </summary>
internal readonly unsafe struct Gpt2Scanner : IScanner
{
    /// <summary>The pattern as GPT-2's encoder has it.</summary>
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static readonly Splitter Splitter =
        new ScanningSplitter<Gpt2Scanner>(nameof(PreTokenization.Gpt2), Pattern, PreTokenization.Gpt2, cutsAfterWords: true);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Next(byte* start, byte* end)
    {
        byte* position = start;
        if (*start == (byte)' ' && end - start > 1)
        {
            position++;
        }
        else if (*start == (byte)'\'' && Scan.LowerContraction(start, end) is var contraction && contraction != null)
        {
            return contraction;
        }

        uint kind = CharacterKinds.At(position, end, out int length);
        return (kind & CharacterKinds.Letter) != 0 ? Scan.Letters(position + length, end)
            : (kind & CharacterKinds.Space) == 0
                ? Scan.While(position + length, end, (kind & CharacterKinds.Number) != 0 ? CharacterKinds.Number : CharacterKinds.Other)
            : Scan.Spaces(start, end);
    }
}
