using System.Text;
using Embeddings.Data;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tests.Studies;

[Transformer(Layers = 1, Width = 16, Heads = 2, Context = 8)]
[ByteLevelBpe(VocabularySize = 300, SpecialTokens = ["<|end|>"])]
public sealed partial class WithSpecialTokens;

[VariantOf<WithSpecialTokens>]
[RandomMerges(VocabularySize = 300, Seed = 3)]
public sealed partial class WithRandomMerges;

[VariantOf<WithSpecialTokens>]
[WordList("model", "token", " the")]
public sealed partial class WithWordList;

public sealed class DeclaredTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("declared-").FullName;

    private readonly TokenizerShelf _shelf = new(new Corpus("text", [new Document("one", Encoding.UTF8.GetBytes(string.Concat(
        Enumerable.Range(0, 400).Select(i => $"the model reads token {i} of the text, row {i * 7} learns. "))))]));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_declared_tokenizer_has_the_entries_of_its_model_and_round_trips()
    {
        foreach (Variant variant in new[] { WithSpecialTokens.Variant, WithRandomMerges.Variant, WithWordList.Variant })
        {
            Tokenizer tokenizer = Of(variant.Description.Tokenizer);
            Assert.Equal(variant.Description.VocabularySize, tokenizer.VocabularySize);
            var ids = new List<int>();
            tokenizer.Encode("the model reads ü"u8, ids);
            Assert.Equal("the model reads ü"u8.ToArray(), tokenizer.Decode([.. ids]));
        }

        Assert.Equal(3, new[] { Description(300), WithRandomMerges.Variant.Description.Tokenizer, WithWordList.Variant.Description.Tokenizer }.Distinct().Count());
    }

    [Fact]
    public void Special_tokens_stand_behind_the_merges()
    {
        var tokenizer = Assert.IsType<BytePairTokenizer>(Of(WithSpecialTokens.Variant.Description.Tokenizer));
        Assert.Equal(new Dictionary<string, int> { ["<|end|>"] = 299 }, tokenizer.SpecialTokens);
    }

    [Fact]
    public void A_declared_file_is_opened_when_it_is_what_the_declaration_says()
    {
        string file = Path.Combine(_folder, "ranks.tiktoken");
        TokenizerDescription declared = Description(281) with { Path = file, SpecialTokens = ["<|end|>"] };
        Assert.Contains("is missing", Assert.Throws<UserError>(() => Of(declared)).Message);
        TokenizerFile.SaveRanks(file, Of(new TokenizerDescription(TokenizerKind.ByteLevelBpe, 280, PreTokenization.Gpt2)));
        Assert.Equal(281, Of(declared).VocabularySize);
        Assert.Equal("Gpt2", Assert.IsType<BytePairTokenizer>(Of(declared)).Splitter.Name);
        Assert.Contains("has 280 entries", Assert.Throws<UserError>(() => Of(Description(300) with { Path = file })).Message);
        string json = Path.Combine(_folder, "tokenizer.json");
        TokenizerFile.Save(json, Of(new TokenizerDescription(TokenizerKind.ByteLevelBpe, 280, PreTokenization.Cl100k)));
        Assert.Contains("cuts text by Cl100k", Assert.Throws<UserError>(() => Of(Description(280) with { Path = json })).Message);
    }

    private Tokenizer Of(TokenizerDescription description) => _shelf.Of(description, TestContext.Current.CancellationToken);

    private static TokenizerDescription Description(int size) => new(TokenizerKind.File, size, PreTokenization.Gpt2);
}
