using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Embeddings.Data;

/// <summary>
/// Reads a file with one JSON object per line; a string field of each is a document. Bytes of the string that are not valid UTF-8 are
/// kept as they are. A line end closes every document, so that the last word of one and the first of the next stay apart.
/// </summary>
internal static class JsonLines
{
    private static readonly byte[] s_byteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>The documents of a file, read line by line while they are enumerated.</summary>
    /// <exception cref="UserError">A line is not a JSON object with that field; the message names file and line.</exception>
    public static IEnumerable<Document> Read(string file, string field, CancellationToken cancellation)
    {
        int number = 0;
        foreach (ReadOnlyMemory<byte> line in TextLines.Read(file))
        {
            number++;
            cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> json = number == 1 && line.Span.StartsWith(s_byteOrderMark) ? line[s_byteOrderMark.Length..] : line;
            if (json.Span.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            if (Text(json.Span, file, number, field) is { Length: > 0 } text)
            {
                yield return new Document($"{file}:{number}", text);
            }
        }
    }

    private static byte[]? Text(ReadOnlySpan<byte> line, string file, int number, string field)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new UserError($"Line {number} of '{file}' is not a JSON object.");
            }

            byte[]? text = null;
            bool found = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool wanted = !found && reader.ValueTextEquals(field);
                reader.Read();
                if (!wanted)
                {
                    reader.Skip();
                    continue;
                }

                found = true;
                text = reader.TokenType switch
                {
                    JsonTokenType.Null => null,
                    JsonTokenType.String => Unescape(reader.ValueSpan, reader.ValueIsEscaped),
                    _ => throw new UserError($"The field '{field}' in line {number} of '{file}' is not a string."),
                };
            }

            while (reader.Read())
            {
            }

            return found ? text : throw new UserError($"Line {number} of '{file}' has no field '{field}'; name the one that holds the text.");
        }
        catch (JsonException error)
        {
            throw new UserError($"Line {number} of '{file}' is not valid JSON (at byte {(error.BytePositionInLine ?? 0) + 1}).", error);
        }
    }

    private static byte[] Unescape(ReadOnlySpan<byte> value, bool escaped)
    {
        if (value.IsEmpty)
        {
            return [];
        }

        var bytes = new ArrayBufferWriter<byte>(value.Length + 1);
        while (escaped && value.IndexOf((byte)'\\') is >= 0 and int slash)
        {
            bytes.Write(value[..slash]);
            value = UnescapeOne(value[slash..], bytes);
        }

        bytes.Write(value);
        if (bytes.WrittenSpan[^1] != (byte)'\n')
        {
            bytes.Write("\n"u8);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes what one escape stands for and returns what follows it; half a surrogate pair becomes U+FFFD.</summary>
    private static ReadOnlySpan<byte> UnescapeOne(ReadOnlySpan<byte> value, ArrayBufferWriter<byte> bytes)
    {
        if (value[1] != (byte)'u')
        {
            byte plain = value[1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                byte other => other,
            };
            bytes.Write([plain]);
            return value[2..];
        }

        const int EscapeLength = 6;
        char first = CodeUnit(value);
        value = value[EscapeLength..];
        Rune rune = Rune.ReplacementChar;
        if (!char.IsSurrogate(first))
        {
            rune = new Rune(first);
        }
        else if (char.IsHighSurrogate(first) && value.StartsWith("\\u"u8) && char.IsLowSurrogate(CodeUnit(value)))
        {
            rune = new Rune(first, CodeUnit(value));
            value = value[EscapeLength..];
        }

        bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
        return value;
    }

    private static char CodeUnit(ReadOnlySpan<byte> escape) =>
        (char)Convert.ToUInt16(Encoding.ASCII.GetString(escape.Slice(2, 4)), 16);
}
