using System.Text;
using CsCheck;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public class SegmentationTests
{
    private static readonly BytePairTokenizer s_tokenizer =
        BytePairTrainer.Train([(ReadOnlyMemory<byte>)SomeText.Sentences(200)], 360, PreTokenization.Cl100k);

    [Fact]
    public void A_list_of_words_takes_the_longest_that_stands_there()
    {
        var tokenizer = new WordListTokenizer([.. new[] { "un", "unhappy", "happy", "ness" }.Select(Encoding.UTF8.GetBytes)]);
        Assert.Equal([257, 259, ' ', 256, 'h'], Encode(tokenizer, "unhappyness unh"u8));
        Assert.Equal(260, tokenizer.VocabularySize);
        SomeText.Bytes.Sample(bytes => tokenizer.Decode([.. Encode(tokenizer, bytes)]).AsSpan().SequenceEqual(bytes), iter: 100);
        Assert.Contains("same bytes", Assert.Throws<ArgumentException>(() => new WordListTokenizer(["ab"u8.ToArray(), "ab"u8.ToArray()])).Message);
        Assert.NotEqual(tokenizer.Identity, new WordListTokenizer(["un"u8.ToArray()]).Identity);
    }

    [Fact]
    public void A_list_of_words_is_saved_and_loads_as_itself()
    {
        string file = Path.GetTempFileName();
        try
        {
            var tokenizer = new WordListTokenizer([.. new[] { "un", " happy", "ü", "\n\"" }.Select(Encoding.UTF8.GetBytes)]);
            TokenizerFile.Save(file, tokenizer);
            Assert.Equal(tokenizer.Identity, Assert.IsType<WordListTokenizer>(TokenizerFile.Load(file)).Identity);
            Assert.Contains("tokenizer.json only", Assert.Throws<UserError>(() => TokenizerFile.SaveRanks(file, tokenizer)).Message);
            File.WriteAllText(file, File.ReadAllText(file).Replace("\"a\": 97", "\"a\": 98").Replace("\"b\": 98", "\"b\": 97"));
            Assert.Contains("token 97", Assert.Throws<UserError>(() => TokenizerFile.Load(file)).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_list_of_words_is_read_from_lines()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".words");
        try
        {
            byte[] lines = [.. "\uFEFFun\r\n happy\n"u8, 0xFF, 0x00, .. "\nü"u8];
            File.WriteAllBytes(file, lines);
            var expected = new WordListTokenizer(["un"u8.ToArray(), " happy"u8.ToArray(), [0xFF, 0x00], "ü"u8.ToArray()]);
            Assert.Equal(expected.Identity, Assert.IsType<WordListTokenizer>(TokenizerFile.Load(file)).Identity);
            foreach ((string text, string message) in new[]
            {
                ("un\n\nab", "line 2 has fewer than two bytes"), ("un\na\r\n", "line 2 has fewer"), ("un\nab\nun", "line 3 repeats line 1"), ("", "no line"),
            })
            {
                File.WriteAllText(file, text);
                Assert.Contains(message, Assert.Throws<UserError>(() => TokenizerFile.Load(file)).Message);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(PreTokenization.Cl100k)]
    [InlineData(PreTokenization.Gpt2)]
    public void Random_merges_match_byte_pairs_in_number_and_lengths_and_little_else(PreTokenization pattern)
    {
        ReadOnlyMemory<byte>[] documents = [.. Enumerable.Range(0, 30).Select(i => (ReadOnlyMemory<byte>)SomeText.Sentences(20 + i))];
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        BytePairTokenizer Random(ulong seed, int threads) =>
            RandomMergeTrainer.Train(TrainingText.Of(documents), 340, Splitter.Of(pattern), seed, threads, cancellation);
        BytePairTokenizer pairs = BytePairTrainer.Train(documents, 340, pattern, cancellation: cancellation);
        BytePairTokenizer random = Random(1, 1);
        int matched = pairs.Tokens.Sum(token => token.Length);
        Assert.Equal(pairs.VocabularySize, random.VocabularySize);
        Assert.InRange(random.Tokens.Sum(token => token.Length), 0.97 * matched, 1.03 * matched);
        Assert.InRange(random.Merges.Intersect(pairs.Merges).Count(), 0, 60);
        Assert.Equal(random.Identity, Random(1, 3).Identity);
        Assert.NotEqual(random.Identity, Random(2, 1).Identity);
        SomeText.Bytes.Sample(bytes => random.Decode([.. Encode(random, bytes)]).AsSpan().SequenceEqual(bytes), iter: 100);
    }

    [Fact]
    public void Special_tokens_are_added_behind_all_others()
    {
        BytePairTokenizer with = s_tokenizer.WithSpecialTokens(["<|end|>", "<|pad|>"]);
        Assert.Equal(new Dictionary<string, int> { ["<|end|>"] = 360, ["<|pad|>"] = 361 }, with.SpecialTokens);
        Assert.Equal(Encode(s_tokenizer, "a <|end|> b"u8), Encode(with, "a <|end|> b"u8));
        Assert.NotEqual(s_tokenizer.Identity, with.Identity);
        Assert.Same(with, with.WithSpecialTokens(["<|pad|>"]));
        string file = Path.GetTempFileName();
        TokenizerFile.SaveRanks(file, s_tokenizer);
        BytePairTokenizer ranks = TokenizerFile.LoadRanks(file, s_tokenizer.Splitter).WithSpecialTokens(["<|end|>"]);
        File.Delete(file);
        var ids = new List<int>();
        ranks.Encode("a<|end|>"u8, ids, ["<|end|>"]);
        Assert.Equal(['a', 360], ids);
    }

    [Theory]
    [InlineData(SplitPlace.Merge)]
    [InlineData(SplitPlace.Random)]
    public void Forced_splits_keep_the_bytes_and_split_about_the_share_asked_for(SplitPlace place)
    {
        byte[] text = SomeText.Sentences(100);
        int[] ids = [.. Encode(s_tokenizer, text)];
        int[] split = new ForcedSplits(s_tokenizer, place, 0.3).Apply(ids, 7);
        Assert.Equal(text, s_tokenizer.Decode(split));
        Assert.Equal(split, new ForcedSplits(s_tokenizer, place, 0.3).Apply(ids, 7));
        Assert.NotEqual(split, new ForcedSplits(s_tokenizer, place, 0.3).Apply(ids, 8));
        int longTokens = ids.Count(id => id > 255);
        Assert.InRange((split.Length - ids.Length) / (double)longTokens, 0.25, 0.35);
        Assert.Equal(ids, new ForcedSplits(s_tokenizer, place, 0).Apply(ids, 7));
        Assert.Equal(ids.Length + longTokens, new ForcedSplits(s_tokenizer, place, 1).Apply(ids, 7).Length);
    }

    [Fact]
    public void Splits_at_merges_are_the_pairs_that_were_merged()
    {
        int[] split = new ForcedSplits(s_tokenizer, SplitPlace.Merge, 1).Apply([300], 1);
        Assert.Equal(s_tokenizer.Merges[44], (split[0], split[1]));
    }

    [Fact]
    public void Tokens_of_two_tokenizers_are_aligned_by_where_they_end()
    {
        var words = new WordListTokenizer(["abc"u8.ToArray(), "de"u8.ToArray()]);
        int[] tokens = [.. Encode(words, "abcxde"u8)];
        int[] bytes = [.. Encode(new ByteTokenizer(), "abcxde"u8)];
        Assert.Equal([2, 3, 5], TokenAlignment.LastEndingBy(words, tokens, new ByteTokenizer(), bytes));
        Assert.Equal([-1, -1, 0, 1, 1, 2], TokenAlignment.LastEndingBy(new ByteTokenizer(), bytes, words, tokens));
        Assert.Throws<ArgumentException>(() => TokenAlignment.LastEndingBy(words, [256], new ByteTokenizer(), [97]));
    }

    private static List<int> Encode(Embeddings.Tokenization.Tokenizer tokenizer, ReadOnlySpan<byte> bytes)
    {
        var ids = new List<int>();
        tokenizer.Encode(bytes, ids);
        return ids;
    }
}
