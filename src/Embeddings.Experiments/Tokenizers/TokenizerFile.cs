using System.Text.Json;
using System.Text.Json.Serialization;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>The tokenizer of a run, kept in the run's folder so that its checkpoint can be used without the training text.</summary>
public static class TokenizerFile
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.merges.json";

    /// <summary>Writes a tokenizer into a run's folder; bytes need no file.</summary>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public static void Save(string folder, Tokenizer tokenizer)
    {
        if (tokenizer is BytePairTokenizer pairs)
        {
            var content = new Content(pairs.PreTokenization, [.. pairs.Merges.Select(merge => new[] { merge.Left, merge.Right })]);
            OutputFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(content, TokenizerFileJson.Default.Content));
        }
    }

    /// <summary>Reads the tokenizer of a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="description">What its model declares.</param>
    /// <exception cref="UserError">The file is missing or damaged, or its size is not the declared one.</exception>
    public static Tokenizer Load(string folder, TokenizerDescription description)
    {
        if (description.Kind == TokenizerKind.Bytes)
        {
            return new ByteTokenizer();
        }

        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new UserError($"'{folder}' holds no {FileName}, which the checkpoint's vocabulary needs; give the folder of a run as it was written.");
        }

        Tokenizer tokenizer = Read(path);
        return tokenizer.VocabularySize == description.VocabularySize
            ? tokenizer
            : throw new UserError(
                $"'{path}' has {tokenizer.VocabularySize} entries and the checkpoint's model {description.VocabularySize}; they do not belong together.");
    }

    private static BytePairTokenizer Read(string path)
    {
        try
        {
            Content? content = JsonSerializer.Deserialize(File.ReadAllBytes(path), TokenizerFileJson.Default.Content);
            if (content?.Merges is { } merges && merges.All(merge => merge.Length == 2) && Enum.IsDefined(content.PreTokenization))
            {
                return new BytePairTokenizer([.. merges.Select(merge => (merge[0], merge[1]))], content.PreTokenization);
            }
        }
        catch (Exception error) when (error is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new UserError($"'{path}' is not a tokenizer of this program: {error.Message.TrimEnd('.')}.", error);
        }

        throw new UserError($"'{path}' is not a tokenizer of this program; it is damaged or foreign.");
    }

    internal sealed record Content(
        [property: JsonConverter(typeof(JsonStringEnumConverter<PreTokenization>))] PreTokenization PreTokenization, int[][] Merges);
}

/// <summary>How the file is written and read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TokenizerFile.Content))]
internal sealed partial class TokenizerFileJson : JsonSerializerContext;
