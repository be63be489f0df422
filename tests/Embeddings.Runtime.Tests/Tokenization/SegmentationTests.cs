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
