using System.Text.Json;
using Embeddings.Checkpoints;

namespace Embeddings.Tokenization;

/// <summary>
/// Reads and writes tokenizers in the formats of others: Hugging Face <c>tokenizer.json</c>, tiktoken's ranks, GPT-2's <c>vocab.json</c> with
/// <c>merges.txt</c>, and llm.c's tokenizer file; and reads lists of words.
/// </summary>
public static class TokenizerFile
{
    /// <summary>Usual name of the file in a run's folder.</summary>
    public const string Name = "tokenizer.json";

    private const int LargestId = MergeTable.Most - 1;

    /// <summary>Writes <c>tokenizer.json</c>.</summary>
    /// <exception cref="UserError">It cannot be written.</exception>
    public static void Save(string path, Tokenizer tokenizer) => AtomicFile.Write(path, stream => HuggingFaceFormat.Write(stream, tokenizer));

    /// <summary>Writes tiktoken's format: a line per token, its bytes in base 64 and its rank. Special tokens and the pattern are not part of it.</summary>
    /// <exception cref="UserError">It cannot be written, or it is a word list.</exception>
    public static void SaveRanks(string path, Tokenizer tokenizer)
    {
        RefuseList(tokenizer);
        AtomicFile.Write(path, stream => RanksFormat.Write(stream, tokenizer));
    }

    /// <summary>Writes <c>vocab.json</c> and <c>merges.txt</c> into a folder. The pattern is not part of them.</summary>
    /// <exception cref="UserError">They cannot be written, or it is a word list.</exception>
    public static void SaveVocabularyAndMerges(string folder, Tokenizer tokenizer)
    {
        RefuseList(tokenizer);
        AtomicFile.CreateFolder(folder);
        AtomicFile.Write(Path.Combine(folder, VocabularyFormat.VocabularyName), stream => VocabularyFormat.WriteVocabulary(stream, tokenizer));
        AtomicFile.Write(Path.Combine(folder, VocabularyFormat.MergesName), stream => VocabularyFormat.WriteMerges(stream, tokenizer));
    }

    /// <summary>Writes llm.c's tokenizer file: tokens in order of rank. The pattern is not part of it.</summary>
    /// <exception cref="UserError">It cannot be written, or a token has more than 255 bytes, or it is a word list.</exception>
    public static void SaveLlmc(string path, Tokenizer tokenizer)
    {
        RefuseList(tokenizer);
        LlmcFormat.Check(tokenizer);
        AtomicFile.Write(path, stream => LlmcFormat.Write(stream, tokenizer));
    }

    /// <summary>
    /// Reads a tokenizer: <c>tokenizer.json</c>, a <c>vocab.json</c> with <c>merges.txt</c> beside it, a list of words in a file whose name ends
    /// with <c>.words</c>, a word in each line, llm.c's file, or tiktoken's ranks in a file of any other name. A file of ranks says no pattern: names with o200k mean O200k, with gpt2, r50k or p50k GPT-2's, and all others
    /// cl100k's; llm.c's file is cut by GPT-2's.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="splitter">Cuts text where the file does not say how; null for what its name says.</param>
    /// <exception cref="UserError">The file is missing, is not such a file, or has a vocabulary that this program cannot hold.</exception>
    public static Tokenizer Load(string path, Splitter? splitter = null)
    {
        string name = Path.GetFileName(path);
        return name.EndsWith(VocabularyFormat.VocabularyName, StringComparison.OrdinalIgnoreCase) ? LoadVocabularyAndMerges(path, splitter)
            : name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || Beginning(path) is [(byte)'{', ..]
                ? Guard(path, "a byte-level BPE tokenizer.json", () => HuggingFaceFormat.Read(File.ReadAllBytes(path)))
            : name.EndsWith(WordsFormat.Extension, StringComparison.OrdinalIgnoreCase)
                ? Guard(path, "a list of words", () => WordsFormat.Read(File.ReadAllBytes(path)))
            : LlmcFormat.Begins(Beginning(path)) ? LoadLlmc(path, splitter ?? Splitter.Of(PreTokenization.Gpt2))
            : LoadRanks(path, splitter ?? Splitter.Of(PatternOf(name)));
    }

    /// <summary>Reads tiktoken's ranks.</summary>
    /// <param name="path">The file.</param>
    /// <param name="splitter">Cuts text; the file does not say how.</param>
    /// <param name="specialTokens">Special tokens with their ids; none by default.</param>
    /// <exception cref="UserError">The file is missing or is not such a file.</exception>
    public static BytePairTokenizer LoadRanks(string path, Splitter splitter, IReadOnlyDictionary<string, int>? specialTokens = null) => Guard(
        path, "a file of tiktoken ranks",
        () => RanksFormat.Read(File.ReadAllBytes(path), splitter, specialTokens ?? new Dictionary<string, int>()));

    /// <summary>Reads llm.c's tokenizer file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="splitter">Cuts text; the file does not say how.</param>
    /// <exception cref="UserError">The file is missing or is not such a file.</exception>
    public static BytePairTokenizer LoadLlmc(string path, Splitter splitter) =>
        Guard(path, "a tokenizer file of llm.c", () => LlmcFormat.Read(File.ReadAllBytes(path), splitter));

    /// <summary>Reads <c>vocab.json</c> and the <c>merges.txt</c> beside it.</summary>
    /// <param name="path">The vocabulary.</param>
    /// <param name="splitter">Cuts text; GPT-2's by default.</param>
    /// <exception cref="UserError">A file is missing or is not such a file.</exception>
    public static BytePairTokenizer LoadVocabularyAndMerges(string path, Splitter? splitter = null)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string merges = Path.Combine(folder, Path.GetFileName(path)[..^VocabularyFormat.VocabularyName.Length] + VocabularyFormat.MergesName);
        return Guard(path, $"a vocabulary with its {VocabularyFormat.MergesName}", () => VocabularyFormat.Read(
            File.ReadAllBytes(path), File.ReadAllText(merges), splitter ?? Splitter.Of(PreTokenization.Gpt2)));
    }

    /// <summary>Makes room for a token of an id that a file gives.</summary>
    internal static void Place(List<byte[]> tokens, int id, byte[] bytes)
    {
        if (id is < 0 or > LargestId)
        {
            throw new FormatException($"id {id} is not between 0 and {LargestId}");
        }

        while (tokens.Count <= id)
        {
            tokens.Add([]);
        }

        tokens[id] = tokens[id].Length == 0 ? bytes : throw new FormatException($"id {id} stands twice");
    }

    /// <summary>Whoever reads a list of tokens takes it for byte pairs.</summary>
    private static void RefuseList(Tokenizer tokenizer)
    {
        if (tokenizer is WordListTokenizer)
        {
            throw new UserError($"A word list has no merges and can be written as {Name} only; export that.");
        }
    }

    /// <summary>The first bytes of a file; none where it cannot be read, which reading it whole will tell.</summary>
    private static byte[] Beginning(string path)
    {
        try
        {
            var bytes = new byte[sizeof(uint)];
            using FileStream stream = File.OpenRead(path);
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static PreTokenization PatternOf(string name) =>
        name.Contains("o200k", StringComparison.OrdinalIgnoreCase) ? PreTokenization.O200k
        : new[] { "gpt2", "r50k", "p50k" }.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)) ? PreTokenization.Gpt2
        : PreTokenization.Cl100k;

    private static T Guard<T>(string path, string kind, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read: {problem.Message}", problem);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
            or ArgumentException or OverflowException)
        {
            throw new UserError($"{path} is not {kind}: {problem.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", problem);
        }
    }
}
