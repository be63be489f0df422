using System.Text;
using CsCheck;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public class BytePairTests
{
    private static readonly string s_text = string.Concat(Enumerable.Range(0, 400).Select(i =>
        $"The embedding {i % 7} isn't in the middle; it's lower and lowest, wide and wider. Größe {i}\n\n"));

    private static readonly string[] s_awkward = ["aaaaaaaa", "lower lowest", "it's  \n\n x", "１２３ 4567", "\u0085 é́"];

    private static readonly Gen<byte[]> s_bytes = Gen.OneOf(
        Gen.Byte.Array[0, 60],
        Gen.String[0, 40].Select(Encoding.UTF8.GetBytes),
        Gen.Int[0, s_awkward.Length - 1].Select(i => Encoding.UTF8.GetBytes(s_awkward[i])));

    [Fact]
    public void Every_byte_sequence_round_trips()
    {
        foreach (PreTokenization pattern in Enum.GetValues<PreTokenization>())
        {
            BytePairTokenizer tokenizer = Train(280, pattern);
            s_bytes.Sample(bytes =>
            {
                var ids = new List<int>();
                tokenizer.Encode(bytes, ids);
                return tokenizer.Decode([.. ids]).AsSpan().SequenceEqual(bytes);
            }, iter: 200);
        }
    }

    [Fact]
    public void Encoding_equals_the_naive_one()
    {
        BytePairTokenizer tokenizer = Train(330, PreTokenization.None);
        s_bytes.Sample(bytes =>
        {
            var ids = new List<int>();
            tokenizer.Encode(bytes, ids);
            return ids.SequenceEqual(NaiveBytePair.Encode(bytes, tokenizer.Merges));
        }, iter: 500);
    }

    [Fact]
    public void Training_equals_the_naive_one()
    {
        Gen.Char["ab cd"].Array[2, 60].Select(letters => new string(letters)).Array[1, 5].Sample(texts =>
        {
            IReadOnlyList<(int, int)> expected = NaiveBytePair.Train(texts, 20);
            if (expected.Count == 0)
            {
                return true;
            }

            BytePairTokenizer tokenizer = BytePairTrainer.Train(
                [.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))], 256 + expected.Count, PreTokenization.None,
                cancellation: TestContext.Current.CancellationToken);
            return tokenizer.Merges.SequenceEqual(expected);
        }, iter: 300);
    }

    [Fact]
    public void A_smaller_vocabulary_is_a_prefix_of_a_larger_one()
    {
        BytePairTokenizer large = Train(340, PreTokenization.Cl100k);
        BytePairTokenizer small = Train(290, PreTokenization.Cl100k);
        Assert.Equal(small.Merges, large.Truncate(290).Merges);
        Assert.Equal(small.Identity, large.Truncate(290).Identity);
        Assert.NotEqual(small.Identity, large.Identity);
    }

    [Fact]
    public void A_text_that_cannot_fill_the_vocabulary_is_refused_with_the_size_it_can()
    {
        var error = Assert.Throws<UserError>(() =>
            BytePairTrainer.Train([(ReadOnlyMemory<byte>)"ab ab"u8.ToArray()], 1000, PreTokenization.Gpt2, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("only 258 entries, not 1000", error.Message);
    }

    [Fact]
    public void A_saved_tokenizer_loads_as_itself()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            BytePairTokenizer tokenizer = Train(320, PreTokenization.O200k);
            TokenizerFile.Save(path, tokenizer);
            Assert.Equal(tokenizer.Identity, TokenizerFile.Load(path).Identity);
            File.WriteAllText(path, File.ReadAllText(path)[..200]);
            Assert.Contains("is not a byte-level BPE", Assert.Throws<UserError>(() => TokenizerFile.Load(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(PreTokenization.Gpt2, "I'm  here 123456", "I|'m| | here| 123456")]
    [InlineData(PreTokenization.Cl100k, "I'M  here 123456\n\n x", "I|'M| | here| |123|456|\n\n| x")]
    [InlineData(PreTokenization.O200k, "camelCase isn't 1234", "camel|Case| isn't| |123|4")]
    [InlineData(PreTokenization.Words, "ab, c", "ab|,| |c")]
    public void Patterns_cut_where_they_should(PreTokenization pattern, string text, string expected)
    {
        var parts = new List<string>();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        PreTokenizer.Visit(bytes, pattern, (start, length) => parts.Add(Encoding.UTF8.GetString(bytes, start, length)));
        Assert.Equal(expected, string.Join('|', parts));
    }

    private static BytePairTokenizer Train(int size, PreTokenization pattern) =>
        BytePairTrainer.Train([(ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s_text)], size, pattern, cancellation: TestContext.Current.CancellationToken);
}
