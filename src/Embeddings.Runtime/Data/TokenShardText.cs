using Embeddings.Tokenization;

namespace Embeddings.Data;

/// <summary>
/// Reads the text of token shards, which other trainers keep as ids: with the tokenizer that made them, beside them as
/// <c>tokenizer.json</c>. A special token ends a document and is no part of its text.
/// </summary>
internal static class TokenShardText
{
    private const string Extension = ".bin";

    /// <summary>Whether a file holds ids: it begins as llm.c's shards do, or ends in <c>.bin</c> and a tokenizer stands beside it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool Is(string file) =>
        BeginsAsShard(file) || (IsBin(file) && File.Exists(TokenizerBeside(file)));

    /// <summary>Whether a file is the tokenizer of shards beside it, and therefore no text of its own.</summary>
    public static bool IsTokenizerOfShards(string file, IReadOnlyList<string> files) =>
        Path.GetFileName(file) == TokenizerFile.Name
        && files.Any(other => IsBin(other) && Path.GetDirectoryName(other) == Path.GetDirectoryName(file));

    /// <summary>The documents of a shard.</summary>
    /// <exception cref="UserError">No tokenizer stands beside it, or it is damaged or of another tokenizer.</exception>
    public static IEnumerable<Document> Read(string file)
    {
        string beside = TokenizerBeside(file);
        if (!File.Exists(beside))
        {
            throw new UserError($"'{file}' holds token ids; put the tokenizer that made them beside it as {TokenizerFile.Name}.");
        }

        Tokenizer tokenizer = TokenizerFile.Load(beside);
        int[] ids = TokenShards.Read(file, DataFiles.ReadWhole(file));
        int outside = Array.FindIndex(ids, id => (uint)id >= (uint)tokenizer.VocabularySize);
        if (outside >= 0)
        {
            throw new UserError(
                $"'{file}' holds the id {ids[outside]} and '{beside}' has {tokenizer.VocabularySize} entries; put the tokenizer that made the ids there.");
        }

        return Documents(file, tokenizer, ids);
    }

    private static IEnumerable<Document> Documents(string file, Tokenizer tokenizer, int[] ids)
    {
        HashSet<int> special = [.. (tokenizer as BytePairTokenizer)?.SpecialTokens.Values ?? []];
        int start = 0;
        for (int i = 0; i <= ids.Length; i++)
        {
            if (i == ids.Length || special.Contains(ids[i]))
            {
                if (i > start)
                {
                    yield return new Document($"{file}:{start}", tokenizer.Decode(ids.AsSpan(start..i)));
                }

                start = i + 1;
            }
        }
    }

    private static bool IsBin(string file) => Path.GetExtension(file).Equals(Extension, StringComparison.OrdinalIgnoreCase);

    private static string TokenizerBeside(string file) => Path.Combine(Path.GetDirectoryName(file) ?? "", TokenizerFile.Name);

    private static bool BeginsAsShard(string file)
    {
        Span<byte> start = stackalloc byte[sizeof(int)];
        using FileStream stream = File.OpenRead(file);
        return TokenShards.IsLlmc(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }
}
