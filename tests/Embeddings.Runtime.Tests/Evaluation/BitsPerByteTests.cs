using Embeddings.Cpu;
using Embeddings.Data;
using Embeddings.Evaluation;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Training;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Evaluation;

public sealed class BitsPerByteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_model_that_knows_nothing_pays_the_logarithm_of_the_vocabulary()
    {
        var tokenizer = new PairTokenizer("th", "e ", "to", "ke");
        using var pool = new WorkerPool(1);
        using LanguageModel<float> model = Create(SmallModel.VariantFor(tokenizer), pool, batch: 4);
        Corpus corpus = SmallCorpus.Of(20);
        EvaluationResult result = BitsPerByte.Measure(model, tokenizer, corpus, cancellation: Token);
        int tokens = corpus.Documents.Sum(document => Count(tokenizer, document));
        Assert.Equal(corpus.Bytes, result.Bytes);
        Assert.Equal(tokens, result.Tokens);
        Assert.Equal(Math.Log2(260) * tokens / corpus.Bytes, result.BitsPerByte, 5);
        Assert.Equal(Math.Log(260), result.NatsPerToken, 5);
        Assert.Equal((double)corpus.Bytes / tokens, result.BytesPerToken, 12);
    }

    [Fact]
    public void How_many_windows_run_at_once_changes_nothing_and_the_model_stays_as_it_is()
    {
        using var pool = new WorkerPool(1);
        double? expected = null;
        foreach (int batch in new[] { 1, 3, 8 })
        {
            using LanguageModel<float> model = Create(SmallModel.Variant(), pool, batch);
            Initializer.Initialize(model, 3);
            float[] before = model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray();
            EvaluationResult result = BitsPerByte.Measure(model, new ByteTokenizer(), SmallCorpus.Of(20), cancellation: Token);
            expected ??= result.TotalBits;
            Assert.Equal(expected.Value, result.TotalBits, 9);
            Assert.Equal(before, model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray());
        }
    }

    [Fact]
    public void A_limit_gives_every_tokenizer_the_same_bytes()
    {
        using var pool = new WorkerPool(1);
        using LanguageModel<float> bytes = Create(SmallModel.Variant(), pool, batch: 2);
        var pairs = new PairTokenizer("th", "e ");
        using LanguageModel<float> ofPairs = Create(SmallModel.VariantFor(pairs), pool, batch: 2);
        Assert.Equal(
            BitsPerByte.Measure(bytes, new ByteTokenizer(), SmallCorpus.Of(20), 100, cancellation: Token).Bytes,
            BitsPerByte.Measure(ofPairs, pairs, SmallCorpus.Of(20), 100, cancellation: Token).Bytes);
        Assert.Throws<UserError>(() => BitsPerByte.Measure(bytes, new ByteTokenizer(), SmallCorpus.Of(20), 0, cancellation: Token));
        Assert.Throws<UserError>(() => BitsPerByte.Measure(bytes, new ByteTokenizer(), new Corpus("nothing", []), cancellation: Token));
    }

    private static LanguageModel<float> Create(Variant variant, WorkerPool pool, int batch) => ModelDevice.Processor.Create(variant, pool, batch, new ModelVocabularies([]));

    private static int Count(Tokenizer tokenizer, Document document)
    {
        var ids = new List<int>();
        tokenizer.Encode(document.Bytes.Span, ids);
        return ids.Count;
    }
}
