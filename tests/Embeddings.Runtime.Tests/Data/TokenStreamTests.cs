using System.Text;
using Embeddings.Data;
using Embeddings.Runtime.Tests.Training;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Data;

public sealed class TokenStreamTests
{
    [Fact]
    public void A_target_is_the_token_that_comes_next()
    {
        int[] whole = Take(Stream(), 600, batch: 600).Tokens;
        foreach (int batch in new[] { 1, 7, 64 })
        {
            (int[] tokens, int[] targets) = Take(Stream(), 560, batch);
            Assert.Equal(whole.Take(560), tokens);
            Assert.Equal(whole.Skip(1).Take(560), targets);
        }
    }

    [Fact]
    public void Each_pass_holds_every_document_once_in_an_order_of_its_own()
    {
        Corpus corpus = SmallCorpus.Of(12);
        var orders = new List<string>();
        TokenStream stream = Stream();
        for (int pass = 0; pass < 3; pass++)
        {
            string text = Encoding.UTF8.GetString([.. Take(stream, (int)corpus.Bytes, (int)corpus.Bytes).Tokens.Select(token => (byte)token)]);
            Assert.Equal(
                corpus.Text().Split('\n').Order(StringComparer.Ordinal), text.Split('\n').Order(StringComparer.Ordinal));
            orders.Add(text);
            Assert.Equal(new StreamPosition(pass + 1, 0, (pass + 1) * corpus.Bytes, (pass + 1) * corpus.Bytes), stream.Position);
        }

        Assert.Equal(3, orders.Distinct().Count());
        Assert.NotEqual(orders[0], Encoding.UTF8.GetString([.. Take(Stream(seed: 2), (int)corpus.Bytes, (int)corpus.Bytes).Tokens.Select(token => (byte)token)]));
    }

    [Fact]
    public void A_stream_goes_on_from_any_place()
    {
        TokenStream stream = Stream();
        for (int i = 0; i < 40; i++)
        {
            TokenStream other = Stream();
            other.MoveTo(stream.Position);
            Assert.Equal(stream.Position, other.Position);
            Assert.Equal(Take(stream, 37, 37).Tokens, Take(other, 37, 37).Tokens);
            Assert.Equal(stream.Position, other.Position);
        }
    }

    [Fact]
    public void The_bytes_seen_are_the_same_for_every_tokenizer()
    {
        TokenStream bytes = Stream(), pairs = Stream(new PairTokenizer("th", "e ", "to", "ke"));
        byte[] ofBytes = [.. Take(bytes, 900, 9).Tokens.Select(token => (byte)token)];
        byte[] ofPairs = new PairTokenizer("th", "e ", "to", "ke").Decode(Take(pairs, 600, 5).Tokens);
        int common = Math.Min(ofBytes.Length, ofPairs.Length);
        Assert.True(common > 600);
        Assert.Equal(ofBytes[..common], ofPairs[..common]);
        Assert.Equal(ofPairs.Length, pairs.Position.Bytes);
    }

    /// <summary>Input ids of other vocabularies stand at the positions of the targets' tokens, whatever the batch.</summary>
    [Fact]
    public void Inputs_of_other_vocabularies_stand_beside_the_targets()
    {
        Corpus corpus = SmallCorpus.Of(12);
        PairTokenizer inputs = new("th", "e ", "to", "ke"), second = new("he", "en");
        var tokenizers = new ModelTokenizers(new ByteTokenizer(), inputs, second);
        (int[] bytes, int[] targets) = Take(Stream(), 600, batch: 600);
        foreach (int batch in new[] { 7, 60 })
        {
            var stream = new TokenStream(corpus, tokenizers, 1);
            for (int start = 0; start + batch <= 560; start += batch)
            {
                var tokens = new int[2 * batch];
                var next = new int[batch];
                stream.Next(tokens, next);
                Assert.Equal(targets.Skip(start).Take(batch), next);
                for (int i = 0; i < batch; i++)
                {
                    Assert.Equal(Longest(inputs, start + i), tokens[i]);
                    Assert.Equal(Longest(second, start + i), tokens[batch + i]);
                }
            }
        }

        // A document ends in a line end, and no token reaches over it.
        int Longest(PairTokenizer tokenizer, int place)
        {
            int pair = place == 0 ? -1 : tokenizer.Tokens.ToList().FindIndex(
                token => token.Length == 2 && token[0] == bytes[place - 1] && token[1] == bytes[place]);
            return pair >= 0 ? pair : bytes[place];
        }
    }

    [Fact]
    public void A_place_that_no_stream_can_have_is_refused()
    {
        TokenStream stream = Stream();
        Assert.Throws<ArgumentException>(() => stream.MoveTo(new StreamPosition(-1, 0, 0, 0)));
        Assert.Throws<ArgumentException>(() => stream.MoveTo(new StreamPosition(0, 1 << 20, 1 << 20, 1 << 20)));
        Assert.Throws<UserError>(() => new TokenStream(new Corpus("nothing", []), new ByteTokenizer(), 1));
    }

    private static TokenStream Stream(Tokenizer? tokenizer = null, ulong seed = 1) => new(SmallCorpus.Of(12), tokenizer ?? new ByteTokenizer(), seed);

    private static (int[] Tokens, int[] Targets) Take(TokenStream stream, int count, int batch)
    {
        var tokens = new int[count];
        var targets = new int[count];
        for (int start = 0; start < count; start += batch)
        {
            int size = Math.Min(batch, count - start);
            stream.Next(tokens.AsSpan(start, size), targets.AsSpan(start, size));
        }

        return (tokens, targets);
    }
}
