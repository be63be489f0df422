using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Embeddings.Tokenization;

/// <summary>GPT-2's two files: <c>vocab.json</c>, an object of tokens and ids, and <c>merges.txt</c>, a line for each merge.</summary>
internal static class VocabularyFormat
{
    /// <summary>Name of the vocabulary.</summary>
    public const string VocabularyName = "vocab.json";

    /// <summary>Name of the merges.</summary>
    public const string MergesName = "merges.txt";

    /// <summary>Writes the vocabulary.</summary>
    public static void WriteVocabulary(Stream stream, Tokenizer tokenizer)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        HuggingFaceFormat.WriteVocabulary(writer, tokenizer);
    }

    /// <summary>Writes the merges.</summary>
    public static void WriteMerges(Stream stream, Tokenizer tokenizer)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("#version: 0.2");
        foreach ((int left, int right) in tokenizer is BytePairTokenizer pairs ? HuggingFaceFormat.OrderedMerges(pairs.Definition) : [])
        {
            writer.WriteLine($"{ByteLetters.Write(tokenizer.Tokens[left])} {ByteLetters.Write(tokenizer.Tokens[right])}");
        }
    }

    /// <summary>Reads both. A token in angle brackets with bars, such as <c>&lt;|endoftext|&gt;</c>, is a special one.</summary>
    /// <exception cref="FormatException">They do not fit each other, or hold something else.</exception>
    public static BytePairTokenizer Read(ReadOnlyMemory<byte> vocabulary, string merges, Splitter splitter)
    {
        using JsonDocument document = JsonDocument.Parse(vocabulary);
        var special = new Dictionary<string, int>();
        foreach (JsonProperty entry in document.RootElement.EnumerateObject())
        {
            if (entry.Name.StartsWith("<|", StringComparison.Ordinal) && entry.Name.EndsWith("|>", StringComparison.Ordinal) && entry.Name.Length > 4)
            {
                special.Add(entry.Name, entry.Value.GetInt32());
            }
        }

        IEnumerable<(string Left, string Right)> pairs = merges.Split('\n')
            .Select(line => line.TrimEnd('\r'))
            .Where((line, index) => line.Length > 0 && !(index == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
            .Select(Pair);
        return new BytePairTokenizer(LetterVocabulary.Read(document.RootElement, pairs, special, splitter, wholeWordsFirst: false));
    }

    private static (string Left, string Right) Pair(string line)
    {
        string[] parts = line.Split(' ');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new FormatException($"the merge \"{line}\" is not a pair");
    }
}
