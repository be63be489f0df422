using Embeddings.Data;
using Embeddings.Data.Generated;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Data;

public sealed class CorporaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_read_in_ordinal_order_without_what_is_hidden()
    {
        _folder.Write("text/b.txt", "b");
        _folder.Write("text/B.txt", "B");
        _folder.Write("text/a/z.md", "z");
        _folder.Write("text/.git/config", "hidden");
        _folder.Write("text/.hidden", "hidden");
        _folder.Write("text/empty.txt", "");
        Corpus corpus = Corpora.Open([_folder["text"]], cancellation: Token);
        Assert.Equal("Bzb", corpus.Text());
        Assert.Equal("text", corpus.Name);
        Assert.Equal(3, corpus.Bytes);
    }

    [Fact]
    public void Several_names_are_read_in_their_order()
    {
        string one = _folder.Write("one.txt", "1");
        string two = _folder.Write("two.txt", "2");
        Corpus corpus = Corpora.Open([two, one], cancellation: Token);
        Assert.Equal("21", corpus.Text());
        Assert.Equal("two.txt + one.txt", corpus.Name);
        Assert.NotEqual(Corpora.Open([one, two], cancellation: Token).Hash, corpus.Hash);
        Assert.Equal(Corpora.Open([two, one], cancellation: Token).Hash, corpus.Hash);
    }

    [Fact]
    public void Built_in_names_give_way_to_files()
    {
        Corpus generated = Corpora.Open(["generated"], new CorpusOptions { Seed = 3 }, cancellation: Token);
        Assert.Equal(new GeneratedLanguage(new GeneratedLanguageOptions { Seed = 3 }).CreateCorpus().Hash, generated.Hash);
    }

    [Fact]
    public void The_hash_tells_where_documents_end() =>
        Assert.NotEqual(
            new Corpus("one", [SmallCorpus.Document("a", "ab"), SmallCorpus.Document("b", "c")]).Hash,
            new Corpus("one", [SmallCorpus.Document("a", "a"), SmallCorpus.Document("b", "bc")]).Hash);

    [Fact]
    public void What_cannot_be_opened_is_one_sentence()
    {
        Directory.CreateDirectory(_folder["nothing"]);
        string empty = _folder.Write("empty.txt", "");
        Refused("There is no file or folder", _folder["missing"]);
        Refused("holds no files", _folder["nothing"]);
        Refused("is empty; give files that hold text", empty);
        Refused("The path of the data is empty", " ");
    }

    [Theory]
    [InlineData("one\ntwo\nthree\n", 9, 8)] // behind the line end
    [InlineData("one\ntwothreefour", 12, 12)] // no line end in the second half
    [InlineData("aüüü", 4, 3)] // not inside a character
    [InlineData("ab", 5, 2)]
    public void A_corpus_is_cut_where_text_may_be(string text, int limit, int expected)
    {
        Corpus taken = new Corpus("text", [SmallCorpus.Document("a", text)]).Take(limit);
        Assert.Equal(expected, taken.Bytes);
    }

    [Fact]
    public void Taking_keeps_whole_documents_from_the_front()
    {
        Corpus corpus = SmallCorpus.Of(9);
        for (long limit = 1; limit <= corpus.Bytes + 1; limit++)
        {
            Corpus taken = corpus.Take(limit);
            Assert.InRange(taken.Bytes, 1, limit);
            if (taken.Documents.Count > 1)
            {
                Assert.Equal(corpus.Documents.Take(taken.Documents.Count), taken.Documents);
                Assert.True(taken.Documents.Count == 9 || taken.Bytes + corpus.Documents[taken.Documents.Count].Bytes.Length > limit);
            }
        }
    }

    private static void Refused(string part, string path) =>
        Assert.Contains(part, Assert.Throws<UserError>(() => Corpora.Open([path], cancellation: Token)).Message, StringComparison.Ordinal);
}
