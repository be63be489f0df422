using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Parsing;

public sealed class TokenizerTests
{
    private static readonly TokenizerSpec s_bytes = new(TokenizerKind.Bytes, 256, PreTokenization.None);

    [Fact]
    public void Bytes_have_a_vocabulary_of_256()
    {
        Assert.Equal(s_bytes, GeneratorHarness.Parse("[Transformer, Bytes] partial class Model;")["Model"].Tokenizer);
    }

    [Fact]
    public void Byte_pairs_have_the_defaults_of_the_attribute()
    {
        Assert.Equal(
            new TokenizerSpec(TokenizerKind.ByteLevelBpe, 1024, PreTokenization.Cl100k),
            GeneratorHarness.Parse("[Transformer, ByteLevelBpe] partial class Model;")["Model"].Tokenizer);
    }

    [Fact]
    public void A_variant_inherits_what_it_does_not_say_of_the_same_kind()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer, ByteLevelBpe(VocabularySize = 512, PreTokenization = PreTokenization.Words)] partial class Baseline;
            [VariantOf<Baseline>, ByteLevelBpe(VocabularySize = 2048)] partial class Larger;
            """);

        Assert.Equal(new TokenizerSpec(TokenizerKind.ByteLevelBpe, 2048, PreTokenization.Words), specs["Larger"].Tokenizer);
    }

    [Fact]
    public void A_variant_replaces_the_other_kind_and_all_that_was_said_of_it()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer, ByteLevelBpe(VocabularySize = 512, PreTokenization = PreTokenization.Words)] partial class Pairs;
            [VariantOf<Pairs>, Bytes] partial class Alone;
            [VariantOf<Alone>] partial class StillAlone;
            [VariantOf<StillAlone>, ByteLevelBpe] partial class PairsAgain;
            """);

        Assert.Equal(s_bytes, specs["Alone"].Tokenizer);
        Assert.Equal(s_bytes, specs["StillAlone"].Tokenizer);
        Assert.Equal(new TokenizerSpec(TokenizerKind.ByteLevelBpe, 1024, PreTokenization.Cl100k), specs["PairsAgain"].Tokenizer);
    }

    [Fact]
    public void A_nearer_way_of_cutting_hides_a_farther_one()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer, ByteLevelBpe(Pattern = @"\p{L}+|[\s\S]")] partial class Given;
            [VariantOf<Given>, ByteLevelBpe(VocabularySize = 2048)] partial class Larger;
            [VariantOf<Larger>, ByteLevelBpe(PreTokenization = PreTokenization.Gpt2)] partial class Standard;
            """);

        Assert.Equal(@"\p{L}+|[\s\S]", specs["Larger"].Tokenizer.Pattern);
        Assert.Equal("", specs["Standard"].Tokenizer.Pattern);
        Assert.Equal(PreTokenization.Gpt2, specs["Standard"].Tokenizer.PreTokenization);
    }

    [Fact]
    public void The_nearest_kind_of_tokenizer_hides_all_others()
    {
        var specs = GeneratorHarness.Parse("""
            [Transformer, ByteLevelBpe(VocabularySize = 512, PreTokenization = PreTokenization.Words, SpecialTokens = ["<|end|>"])] partial class Pairs;
            [VariantOf<Pairs>, ByteLevelBpe(VocabularySize = 600)] partial class Larger;
            [VariantOf<Pairs>, RandomMerges(Seed = 3)] partial class Random;
            [VariantOf<Random>, WordList("un", "do")] partial class List;
            [VariantOf<List>, TokenizerFile("ranks.tiktoken", VocabularySize = 400)] partial class File;
            [VariantOf<File>, TokenizerFile("other.tiktoken")] partial class Other;
            """);

        Assert.Equal(["<|end|>"], specs["Larger"].Tokenizer.SpecialTokens);
        Assert.Equal(new TokenizerSpec(TokenizerKind.RandomMerges, 1024, PreTokenization.Cl100k) { Seed = 3 }, specs["Random"].Tokenizer);
        Assert.Equal(
            new TokenizerSpec(TokenizerKind.WordList, 258, PreTokenization.None) { Words = EquatableArray.Of("un", "do") }, specs["List"].Tokenizer);
        Assert.Equal(new TokenizerSpec(TokenizerKind.File, 400, PreTokenization.Cl100k) { Path = "ranks.tiktoken" }, specs["File"].Tokenizer);
        Assert.Equal(specs["File"].Tokenizer with { Path = "other.tiktoken" }, specs["Other"].Tokenizer);
    }
}
