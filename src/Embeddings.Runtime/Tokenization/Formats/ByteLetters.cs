namespace Embeddings.Tokenization;

/// <summary>
/// GPT-2's one-to-one map between bytes and printable characters, in which Hugging Face files write tokens: printable Latin-1 characters
/// stand for themselves, the other 68 bytes for U+0100 onwards, in order.
/// </summary>
internal static class ByteLetters
{
    private static readonly char[] s_letters = Letters();

    private static readonly Dictionary<char, byte> s_bytes =
        Enumerable.Range(0, 256).ToDictionary(value => s_letters[value], value => (byte)value);

    /// <summary>Text of bytes.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var letters = new char[bytes.Length];
        for (int i = 0; i < letters.Length; i++)
        {
            letters[i] = s_letters[bytes[i]];
        }

        return new string(letters);
    }

    /// <summary>The same in memory that is used again and grows.</summary>
    public static ReadOnlySpan<char> Write(ReadOnlySpan<byte> bytes, ref char[] room)
    {
        if (room.Length < bytes.Length)
        {
            room = new char[2 * bytes.Length];
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            room[i] = s_letters[bytes[i]];
        }

        return room.AsSpan(0, bytes.Length);
    }

    /// <summary>Bytes of text, or null where a character stands for no byte.</summary>
    public static byte[]? Read(string text)
    {
        var bytes = new byte[text.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!s_bytes.TryGetValue(text[i], out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }

    /// <summary>The bytes in the order of their letters.</summary>
    public static byte[] InOrder() => [.. Enumerable.Range(0, 256).Select(value => (byte)value).OrderBy(value => s_letters[value])];

    private static char[] Letters()
    {
        var letters = new char[256];
        int spare = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            letters[value] = printable ? (char)value : (char)spare++;
        }

        return letters;
    }
}
