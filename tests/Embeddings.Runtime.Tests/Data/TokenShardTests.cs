using System.Buffers.Binary;
using Embeddings.Data;
using Embeddings.Runtime.Tests.Training;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Data;

public sealed class TokenShardTests : IDisposable
{
    private const int End = 257;
    private static readonly BytePairTokenizer s_tokenizer = new([('t', 'h')], Splitter.Of(PreTokenization.None), ["<|endoftext|>"]);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(258)]
    [InlineData(70_000)]
    public void Shards_of_llmc_are_read_with_the_tokenizer_beside_them(int vocabulary)
    {
        TokenizerFile.Save(_folder[TokenizerFile.Name], s_tokenizer);
        TokenShards.SaveLlmc(_folder["train_000.bin"], new[] { End, 256, 'e', End, End, 'a', 'ü', 0 }, vocabulary);
        TokenShards.SaveLlmc(_folder["train_001.bin"], new[] { 'b', 256 }, vocabulary);
        Corpus corpus = Corpora.Open([_folder.Path], cancellation: Token);
        Assert.Equal(["the", "aü\0", "bth"], corpus.Documents.Select(document => System.Text.Encoding.Latin1.GetString(document.Bytes.Span)));
        Assert.EndsWith("train_000.bin:5", corpus.Documents[1].Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_nanogpt_are_read_where_a_tokenizer_stands_beside_them()
    {
        TokenShards.SaveNanoGpt(_folder["train.bin"], new[] { 256, 'e', End, 'a' });
        Assert.Equal(8, Corpora.Open([_folder["train.bin"]], cancellation: Token).Bytes); // without it, these are bytes like any others
        TokenizerFile.Save(_folder[TokenizerFile.Name], s_tokenizer);
        Assert.Equal("thea", Corpora.Open([_folder["train.bin"]], cancellation: Token).Text());
    }

    [Fact]
    public void A_tokenizer_is_trained_on_the_text_of_shards()
    {
        TokenizerFile.Save(_folder[TokenizerFile.Name], s_tokenizer);
        TokenShards.SaveLlmc(_folder["train.bin"], new[] { End, 256, 'e', ' ', 256, 'e' }, 258);
        string text = _folder.Write("text/same.txt", "the the");
        BytePairTokenizer Train(string path) => BytePairTrainer.Train(TrainingText.OfFiles([path]), 259, Splitter.Of(PreTokenization.Cl100k), cancellation: Token);
        Assert.Equal(Train(text).Merges, Train(_folder["train.bin"]).Merges);
    }

    [Fact]
    public void A_tokenizer_elsewhere_is_text()
    {
        _folder.Write("text/tokenizer.json", "{}");
        _folder.Write("text/more.txt", "more");
        Assert.Equal("more{}", Corpora.Open([_folder["text"]], cancellation: Token).Text());
    }

    [Fact]
    public void What_is_damaged_is_one_sentence()
    {
        string file = _folder["train.bin"];
        TokenShards.SaveLlmc(file, new[] { 1, 2, 3 }, 258);
        byte[] whole = File.ReadAllBytes(file);
        Refused(whole, "put the tokenizer that made them beside it as tokenizer.json");
        TokenizerFile.Save(_folder[TokenizerFile.Name], s_tokenizer);
        Refused(whole[..100], "ends inside the header");
        Refused(whole[..^1], "ends inside a token id");
        Refused(whole[..^2], "says that it holds 3 ids and holds 2");
        BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(4), 2);
        Refused(whole, "version 2");
        TokenShards.SaveLlmc(file, new[] { 1, 900 }, 1000);
        Refused(File.ReadAllBytes(file), "holds the id 900");
    }

    private void Refused(byte[] content, string part)
    {
        string file = _folder.Write("train.bin", content);
        Assert.Contains(part, Assert.Throws<UserError>(() => Corpora.Open([file], cancellation: Token)).Message, StringComparison.Ordinal);
    }
}
