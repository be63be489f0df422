using BenchmarkDotNet.Attributes;
using Embeddings.Data;
using Embeddings.Tokenization;

namespace Embeddings.Benchmarks.Tokenization;

/// <summary>Training on the default corpus.</summary>
public class TrainingBenchmarks
{
    private ReadOnlyMemory<byte>[] _documents = [];

    /// <summary>Entries of the vocabulary.</summary>
    [Params(1024, 4096, 32_768)]
    public int VocabularySize { get; set; }

    /// <summary>Reads the corpus.</summary>
    [GlobalSetup]
    public void Prepare() => _documents = [.. Corpora.Open([]).Documents.Select(document => document.Bytes)];

    /// <summary>Trains a tokenizer with cl100k's pattern.</summary>
    [Benchmark]
    public BytePairTokenizer Train() => BytePairTrainer.TrainAtMost(TrainingText.Of(_documents), VocabularySize, Splitter.Of(PreTokenization.Cl100k));
}
