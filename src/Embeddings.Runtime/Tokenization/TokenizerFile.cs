using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Embeddings.Checkpoints;

namespace Embeddings.Tokenization;

/// <summary>
/// Reads and writes tokenizers: Hugging Face <c>tokenizer.json</c> (byte-level BPE whose first 256 ids are the bytes, as this program
/// trains them, or bytes alone) and, for export, tiktoken's rank file.
/// </summary>
public static class TokenizerFile
{
    /// <summary>Usual name of the file in a run's folder.</summary>
    public const string Name = "tokenizer.json";

    private const string IdentityKey = "embeddings_identity";
    private const string PatternKey = "embeddings_pre_tokenization";

    /// <summary>Writes <c>tokenizer.json</c>.</summary>
    public static void Save(string path, Tokenizer tokenizer)
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            // Two merges can give equal bytes; the format has one id for a text, so a repeat is marked by its id.
            string text = ByteLetters.Write(tokenizer.Tokens[id]);
            vocabulary[vocabulary.ContainsKey(text) ? $"{text} #{id.ToString(CultureInfo.InvariantCulture)}" : text] = id;
        }

        var merges = new JsonArray();
        var pairs = tokenizer as BytePairTokenizer;
        foreach ((int left, int right) in pairs?.Merges ?? [])
        {
            merges.Add(new JsonArray(ByteLetters.Write(tokenizer.Tokens[left]), ByteLetters.Write(tokenizer.Tokens[right])));
        }

        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = pairs?.Splitter.Standard == PreTokenization.Gpt2 },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = merges },
            [IdentityKey] = tokenizer.Identity,
            [PatternKey] = pairs is null ? "Bytes" : pairs.Splitter.Name,
        };
        Write(path, root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>Writes tiktoken's format: a line per token, its bytes in base 64 and its rank.</summary>
    public static void SaveRanks(string path, Tokenizer tokenizer)
    {
        var text = new StringBuilder();
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            text.Append(Convert.ToBase64String(tokenizer.Tokens[id])).Append(' ').Append(id.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        Write(path, text.ToString());
    }

    /// <summary>Reads <c>tokenizer.json</c>.</summary>
    /// <exception cref="UserError">The file is missing, is not such a file, or has a vocabulary that this program cannot hold.</exception>
    public static Tokenizer Load(string path)
    {
        try
        {
            JsonObject root = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
            string pattern = root[PatternKey]?.GetValue<string>() ?? (root["pre_tokenizer"]?["type"]?.GetValue<string>() == "ByteLevel" ? "Gpt2" : "");
            if (pattern == "Bytes")
            {
                return new ByteTokenizer();
            }

            if (!Enum.TryParse(pattern, out PreTokenization preTokenization))
            {
                throw new UserError($"{path} cuts text in a way that is not known here ({pattern}); export it with a ByteLevel pre-tokenizer.");
            }

            var tokenizer = new BytePairTokenizer(Merges(path, root["model"]!.AsObject()), preTokenization);
            return root[IdentityKey] is not { } identity || identity.GetValue<string>() == tokenizer.Identity
                ? tokenizer
                : throw new UserError($"{path} does not give back the tokenizer that was saved in it; it was changed, or two merges make equal bytes.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read: {problem.Message}", problem);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or NullReferenceException or FormatException or ArgumentException)
        {
            throw new UserError($"{path} is not a byte-level BPE tokenizer.json: {problem.Message}", problem);
        }
    }

    private static List<(int, int)> Merges(string path, JsonObject model)
    {
        // Ids follow the order of merges, with bytes first; a file with another order of ids would change what a checkpoint means.
        var ids = new Dictionary<string, int>();
        for (int value = 0; value < 256; value++)
        {
            ids.Add(ByteLetters.Write([(byte)value]), value);
        }

        var merges = new List<(int, int)>();
        foreach (JsonNode? merge in model["merges"]!.AsArray())
        {
            string[] pair = merge is JsonArray both ? [both[0]!.GetValue<string>(), both[1]!.GetValue<string>()] : merge!.GetValue<string>().Split(' ');
            if (pair.Length != 2 || !ids.TryGetValue(pair[0], out int left) || !ids.TryGetValue(pair[1], out int right))
            {
                throw new UserError($"{path}: merge {merges.Count} uses a token that no earlier merge makes.");
            }

            ids.TryAdd(pair[0] + pair[1], 256 + merges.Count);
            merges.Add((left, right));
        }

        foreach ((string text, JsonNode? id) in model["vocab"]!.AsObject())
        {
            if (ids.TryGetValue(text, out int expected) && expected != id!.GetValue<int>())
            {
                throw new UserError($"{path}: token \"{text}\" has id {id}, where bytes-then-merges order gives {expected}; such a vocabulary cannot be read yet.");
            }
        }

        return merges;
    }

    private static void Write(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
