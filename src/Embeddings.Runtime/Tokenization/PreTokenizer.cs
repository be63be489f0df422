using System.Text;
using System.Text.RegularExpressions;

namespace Embeddings.Tokenization;

/// <summary>
/// Cuts bytes into pre-tokens: stretches that byte-pair merges never cross. Bytes that are not UTF-8 take part as replacement characters,
/// so every byte sequence is cut and nothing is lost: the pre-tokens side by side are the input.
/// </summary>
public static partial class PreTokenizer
{
    /// <summary>Receives one pre-token as a range of the input.</summary>
    public delegate void Visitor(int start, int length);

    /// <summary>Visits the pre-tokens of <paramref name="bytes"/> in order.</summary>
    public static void Visit(ReadOnlySpan<byte> bytes, PreTokenization pattern, Visitor visit)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (pattern == PreTokenization.None)
        {
            visit(0, bytes.Length);
            return;
        }

        (string text, int[] byteOffsets) = Decode(bytes);
        int end = 0;
        foreach (ValueMatch match in PatternOf(pattern).EnumerateMatches(text))
        {
            Emit(end, match.Index);
            end = match.Index + match.Length;
            Emit(match.Index, end);
        }

        Emit(end, text.Length);

        void Emit(int from, int to)
        {
            if (to > from)
            {
                visit(byteOffsets[from], byteOffsets[to] - byteOffsets[from]);
            }
        }
    }

    /// <summary>UTF-16 text, and for each of its characters (and the end) the offset of its first byte.</summary>
    private static (string Text, int[] ByteOffsets) Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        var offsets = new int[bytes.Length + 1];
        int position = 0;
        while (position < bytes.Length)
        {
            bool valid = Rune.DecodeFromUtf8(bytes[position..], out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (!valid)
            {
                rune = Rune.ReplacementChar;
                length = 1;
            }

            offsets[text.Length] = position;
            if (rune.Utf16SequenceLength == 2)
            {
                offsets[text.Length + 1] = position;
            }

            text.Append(rune.ToString());
            position += length;
        }

        offsets[text.Length] = bytes.Length;
        return (text.ToString(), offsets);
    }

    private static Regex PatternOf(PreTokenization pattern) => pattern switch
    {
        PreTokenization.Gpt2 => Gpt2(),
        PreTokenization.Cl100k => Cl100k(),
        PreTokenization.O200k => O200k(),
        _ => Words(),
    };

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2();

    [GeneratedRegex(
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Cl100k();

    [GeneratedRegex(
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex O200k();

    [GeneratedRegex(@"\p{L}+|[\s\S]", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
