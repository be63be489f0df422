namespace Embeddings.Generator.Tests.Emit;

/// <summary>What is printed for each way to declare a tokenizer: its description with the hash of the declaration, and its scanner.</summary>
public sealed class TokenizerSnapshotTests
{
    private static readonly Dictionary<string, string> s_tokenizers = new()
    {
        ["bytes"] = "Bytes",
        ["cl100k"] = "ByteLevelBpe(VocabularySize = 300, SpecialTokens = new[] { \"<|end|>\", \"\\\"\\n\" })",
        ["gpt2"] = "RandomMerges(VocabularySize = 300, PreTokenization = PreTokenization.Gpt2, Seed = -7)",
        ["o200k"] = "TokenizerFile(\"vocabularies/o200k.tiktoken\", VocabularySize = 300, PreTokenization = PreTokenization.O200k, SpecialTokens = [\"<|end|>\"])",
        ["words"] = "ByteLevelBpe(PreTokenization = PreTokenization.Words)",
        ["digits"] = """ByteLevelBpe(Pattern = @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")""",
        ["pattern"] = """ByteLevelBpe(Pattern = @"\p{Lu}?\p{Ll}+|""x")""",
        ["list"] = "WordList(\"un\", \"do\", \"ü\")",
    };

    public static TheoryData<string> Names => [.. s_tokenizers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_tokenizer_is_printed(string tokenizer)
    {
        GeneratorRun run = GeneratorHarness.Run($"[Transformer(Layers = 1, Width = 16, Heads = 2, Context = 8), {s_tokenizers[tokenizer]}] partial class Model;");
        Assert.All(run.Diagnostics, diagnostic => Assert.Equal("EMB0141", diagnostic.Id));
        run.AssertCompiles();
        string[] lines = run.Files.Single(file => file.Key == "Model.g.cs").Value.Split('\n');
        IEnumerable<string> description = lines.SkipWhile(line => !line.Contains("Tokenizer = new")).TakeWhile(line => !line.Contains("Training = new"));
        IEnumerable<string> scanner = lines.SkipWhile(line => !line.Contains("Where a pre-token"));
        Snapshot.Match(string.Concat(description.Concat(scanner).Select(line => line + "\n")), "cs");
    }
}
