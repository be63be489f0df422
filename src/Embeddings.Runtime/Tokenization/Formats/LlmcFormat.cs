using System.Buffers.Binary;

namespace Embeddings.Tokenization;

/// <summary>
/// llm.c's <c>gpt2_tokenizer.bin</c>: 256 numbers of 32 bits, little-endian (20240328, version 2, tokens, the id that ends a text, zeros), then
/// for each token its length in one byte and its bytes.
/// </summary>
internal static class LlmcFormat
{
    private const int HeaderNumbers = 256;
    private const uint Magic = 20240328;
    private const uint Version = 2;

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
        var header = new byte[HeaderNumbers * sizeof(uint)];
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
}
