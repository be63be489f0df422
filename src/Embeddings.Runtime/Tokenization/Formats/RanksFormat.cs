using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Embeddings.Tokenization;

/// <summary>tiktoken's file: a line for each token with its bytes in base 64, a space, and its rank, which is its id.</summary>
internal static class RanksFormat
{
    /// <summary>About as many as a line has, to begin with enough room.</summary>
    private const int BytesALine = 16;

    /// <summary>Writes all tokens but the special ones.</summary>
    public static void Write(Stream stream, Tokenizer tokenizer)
    {
        HashSet<int> special = [.. (tokenizer as BytePairTokenizer)?.SpecialTokens.Values ?? []];
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (!special.Contains(id) && tokenizer.Tokens[id].Length > 0)
            {
                writer.WriteLine($"{Convert.ToBase64String(tokenizer.Tokens[id])} {id.ToString(CultureInfo.InvariantCulture)}");
            }
        }
    }

    /// <summary>Reads a tokenizer.</summary>
    /// <exception cref="FormatException">A line is something else; the message says which.</exception>
    public static BytePairTokenizer Read(ReadOnlySpan<byte> text, Splitter splitter, IReadOnlyDictionary<string, int> specialTokens)
    {
        var tokens = new List<byte[]>(text.Length / BytesALine);
        for (int number = 1; !text.IsEmpty; number++)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
            text = end < 0 ? default : text[(end + 1)..];
            if (!line.IsEmpty)
            {
                ReadLine(line, number, tokens);
            }
        }

        foreach ((string special, int id) in specialTokens)
        {
            TokenizerFile.Place(tokens, id, [0]);
        }

        foreach (int id in specialTokens.Values)
        {
            tokens[id] = [];
        }

        return new BytePairTokenizer(BytePairDefinition.OfRanks([.. tokens], splitter, specialTokens));
    }

    private static void ReadLine(ReadOnlySpan<byte> line, int number, List<byte[]> tokens)
    {
        const int Usual = 256;
        int space = line.IndexOf((byte)' ');
        Span<byte> bytes = space <= Usual ? stackalloc byte[Usual] : new byte[space];
        if (space <= 0 || Base64.DecodeFromUtf8(line[..space], bytes, out _, out int written) != System.Buffers.OperationStatus.Done || written == 0
            || !Utf8Parser.TryParse(line[(space + 1)..], out int id, out int used) || used != line.Length - space - 1)
        {
            throw new FormatException($"line {number} is not a token in base 64, a space and a rank");
        }

        TokenizerFile.Place(tokens, id, bytes[..written].ToArray());
    }
}
