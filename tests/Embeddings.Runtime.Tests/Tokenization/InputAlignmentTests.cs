using System.Text;
using Embeddings.Tokenization;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Tokenization;

public sealed class InputAlignmentTests
{
    [Fact]
    public void The_input_at_a_token_is_the_longest_that_ends_with_it()
    {
        byte[] text = Encoding.UTF8.GetBytes("the other");
        PairTokenizer targets = new("th", "er"), inputs = new("he", "th", "ot", "r\n");
        var ids = new List<int>();
        targets.Encode(text, ids);
        Assert.Equal(["th", "e", " ", "o", "th", "er"], ids.Select(id => Encoding.UTF8.GetString(targets.Tokens[id])));
        Assert.Equal(
            ["th", "he", " ", "o", "th", "r"],
            new InputAlignment(inputs).At(text, targets, ids.ToArray()).Select(id => Encoding.UTF8.GetString(inputs.Tokens[id])));
    }

    /// <summary>Bytes that come later never change an input, as they would if the input tokenizer cut the whole text.</summary>
    [Fact]
    public void The_input_follows_from_the_bytes_before_alone()
    {
        PairTokenizer inputs = new("ab", "bc", "cd");
        var bytes = new ByteTokenizer();
        var alignment = new InputAlignment(inputs);
        bool cutTells = false;
        foreach (string text in new[] { "aabcdbcd", "bcbcabcd", "abab" })
        {
            byte[] whole = Encoding.UTF8.GetBytes(text);
            int[] ids = [.. whole.Select(value => (int)value)];
            int[] aligned = alignment.At(whole, bytes, ids);
            for (int end = 1; end <= whole.Length; end++)
            {
                Assert.Equal(aligned.Take(end), alignment.At(whole.AsSpan(0, end), bytes, ids.AsSpan(0, end)));
                Assert.Equal(aligned[end - 1], alignment.AtEnd(whole.AsSpan(0, end)));
                cutTells |= !Cut(whole[..end], ids[..end]).SequenceEqual(Cut(whole, ids).Take(end));
            }
        }

        Assert.True(cutTells, "the tokenizer's own cut depends on what comes later, or this test shows nothing");

        IEnumerable<int> Cut(byte[] text, int[] ids)
        {
            var cut = new List<int>();
            inputs.Encode(text, cut);
            return TokenAlignment.LastEndingBy(bytes, ids, inputs, cut.ToArray()).Select(place => place < 0 ? -1 : cut[place]).ToArray();
        }
    }

    [Fact]
    public void A_vocabulary_without_some_byte_is_refused() =>
        Assert.Contains("Byte 0 is none of the tokens", Assert.Throws<UserError>(() => new InputAlignment(new NoBytes())).Message);

    private sealed class NoBytes : Tokenizer
    {
        public override int VocabularySize => 1;

        public override IReadOnlyList<byte[]> Tokens => [[65]];

        public override string Identity => "none";

        public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids) => throw new NotSupportedException();
    }
}
