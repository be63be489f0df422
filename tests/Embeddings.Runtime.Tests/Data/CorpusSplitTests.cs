using CsCheck;
using Embeddings.Data;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Data;

public sealed class CorpusSplitTests
{
    [Fact]
    public void Every_document_is_on_one_side_and_equal_ones_on_the_same() =>
        Gen.Select(Gen.String[Gen.Char['a', 'f'], 1, 30].Array[2, 40], Gen.Double[0.02, 0.9]).Sample((texts, share) =>
        {
            if (texts.Distinct().Count() < 2)
            {
                return;
            }

            Corpus corpus = Of(texts);
            CorpusSplit split = CorpusSplit.Of(corpus, share);
            string[] training = Texts(split.Training), held = Texts(split.Validation);
            Assert.Empty(training.Intersect(held));
            Assert.Equal(texts.Order(StringComparer.Ordinal), training.Concat(held).Order(StringComparer.Ordinal));
            Assert.Equal(texts.Where(text => !held.Contains(text)), training);
            Assert.NotEmpty(training);
            Assert.NotEmpty(held);
        });

    [Fact]
    public void The_choice_depends_on_the_documents_and_not_on_their_order()
    {
        string[] texts = [.. Enumerable.Range(0, 50).Select(i => $"document {i * 7919}")];
        string[] held = Texts(CorpusSplit.Of(Of(texts)).Validation);
        Assert.Equal(held, Texts(CorpusSplit.Of(Of([.. texts.Reverse()])).Validation));
        Assert.InRange(held.Sum(text => text.Length) / (double)texts.Sum(text => text.Length), 0.08, 0.13);
    }

    [Fact]
    public void Of_a_single_document_the_end_is_held_out()
    {
        CorpusSplit split = CorpusSplit.Of(Of([string.Concat(Enumerable.Repeat("a line of ten\n", 100))]));
        Assert.Equal(1400, split.Training.Bytes + split.Validation.Bytes);
        Assert.Equal(1260, split.Training.Bytes);
        Assert.Contains("single document", Assert.Single(split.Training.Notices), StringComparison.Ordinal);
        Assert.Throws<UserError>(() => CorpusSplit.Of(Of(["x"])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_share_lies_between_nothing_and_all(double share) => Assert.Throws<UserError>(() => CorpusSplit.Of(SmallCorpus.Of(9), share));

    private static Corpus Of(string[] texts) => new("texts", texts.Select((text, i) => SmallCorpus.Document($"{i}", text)));

    private static string[] Texts(Corpus corpus) => [.. corpus.Documents.Select(document => System.Text.Encoding.UTF8.GetString(document.Bytes.Span))];
}
