using System.Globalization;
using System.Text;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>Writes the bytes of a token so that every one is visible and no two tokens look the same.</summary>
internal static class TokenText
{
    /// <summary>Text as it is; white space, controls and bytes that are no UTF-8 as escapes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        while (!bytes.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (valid && rune.Value is not ('"' or '\\') && (rune.Value == ' ' || IsVisible(rune)))
            {
                text.Append(rune.ToString());
            }
            else if (valid && Named(rune.Value) is { } name)
            {
                text.Append('\\').Append(name);
            }
            else
            {
                foreach (byte value in bytes[..length])
                {
                    text.Append("\\x").Append(value.ToString("x2", CultureInfo.InvariantCulture));
                }
            }

            bytes = bytes[length..];
        }

        return text.Append('"').ToString();
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark);

    private static string? Named(int value) => value switch
    {
        '"' => "\"",
        '\\' => "\\",
        '\n' => "n",
        '\r' => "r",
        '\t' => "t",
        _ => null,
    };
}
