using System.Buffers.Binary;
using System.Text;

namespace Embeddings.Tokenization;

/// <summary>
/// llm.c's <c>gpt2_tokenizer.bin</c>: 256 numbers of 32 bits, little-endian (20240328, version 2, tokens, the id that ends a text, zeros), then
/// for each token its length in one byte and its bytes. Version 1 does not say which id ends a text. Merges and the pattern are not part of
/// it: ids are ranks, as in tiktoken's file.
/// </summary>
internal static class LlmcFormat
{
    private const int HeaderNumbers = 256;
    private const uint Magic = 20240328;
    private const uint Version = 2;
    private const int HeaderBytes = HeaderNumbers * sizeof(uint);

    /// <summary>Refuses a tokenizer that the format cannot hold.</summary>
    /// <exception cref="UserError">A token has more than 255 bytes.</exception>
    public static void Check(Tokenizer tokenizer)
    {
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (tokenizer.Tokens[id].Length > byte.MaxValue)
            {
                throw new UserError($"Token {id} has {tokenizer.Tokens[id].Length} bytes and llm.c's tokenizer file holds at most 255; export another format.");
            }
        }
    }

    /// <summary>Writes a tokenizer.</summary>
    public static void Write(Stream stream, Tokenizer tokenizer)
    {
        var header = new byte[HeaderBytes];
        IEnumerable<int> special = (tokenizer as BytePairTokenizer)?.SpecialTokens.Values ?? [];
        uint end = (uint)special.DefaultIfEmpty(tokenizer.VocabularySize - 1).Min();
        uint[] numbers = [Magic, Version, (uint)tokenizer.VocabularySize, end];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(i * sizeof(uint)), numbers[i]);
        }

        stream.Write(header);
        foreach (byte[] token in tokenizer.Tokens)
        {
            stream.WriteByte((byte)token.Length);
            stream.Write(token);
        }
    }

    /// <summary>Whether a file begins as this format does.</summary>
    public static bool Begins(ReadOnlySpan<byte> file) => file.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(file) == Magic;

    /// <summary>Reads a tokenizer. A token in angle brackets with bars, such as <c>&lt;|endoftext|&gt;</c>, is a special one.</summary>
    /// <exception cref="FormatException">It is something else; the message says what.</exception>
    public static BytePairTokenizer Read(ReadOnlySpan<byte> file, Splitter splitter)
    {
        if (!Begins(file) || file.Length < HeaderBytes)
        {
            throw new FormatException("it has no header of 256 numbers that begins with 20240328");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file[sizeof(uint)..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(file[(2 * sizeof(uint))..]);
        if (version is not (1 or Version))
        {
            throw new FormatException($"its version is {version}; 1 and 2 are known");
        }

        ReadOnlySpan<byte> rest = file[HeaderBytes..];
        var tokens = new List<byte[]>();
        var special = new Dictionary<string, int>();
        for (int id = 0; id < count; id++)
        {
            if (rest.IsEmpty || rest.Length <= rest[0])
            {
                throw new FormatException($"it ends within token {id} of {count}");
            }

            ReadOnlySpan<byte> token = rest.Slice(1, rest[0]);
            rest = rest[(1 + token.Length)..];
            bool isSpecial = token.Length > 4 && token.StartsWith("<|"u8) && token.EndsWith("|>"u8);
            if (isSpecial)
            {
                special.Add(Encoding.UTF8.GetString(token), id);
            }

            TokenizerFile.Place(tokens, id, isSpecial ? [] : token.ToArray());
        }

        return rest.IsEmpty
            ? new BytePairTokenizer(BytePairDefinition.OfRanks([.. tokens], splitter, special))
            : throw new FormatException($"{rest.Length} bytes follow the last of its {count} tokens");
    }
}
