using System.Text;
using BenchmarkDotNet.Attributes;
using Embeddings.Data;
using Embeddings.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Embeddings.Benchmarks.Tokenization;

/// <summary>Encoding with the cl100k vocabulary, beside Microsoft.ML.Tokenizers on the same text in the same run.</summary>
[MemoryDiagnoser]
public class EncodingBenchmarks
{
    private const int TextBytes = 2_000_000;

    private BytePairTokenizer _ours = null!;
    private TiktokenTokenizer _theirs = null!;
    private byte[][] _documents = [];
    private string[] _texts = [];
    private int[] _ids = [];

    /// <summary>Reads the default corpus and the vocabulary that Microsoft's package brings.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _documents = [.. Corpora.Open([]).Take(TextBytes).Documents.Select(document => document.Bytes.ToArray())];
        _texts = [.. _documents.Select(Encoding.UTF8.GetString)];
        _ids = new int[_documents.Max(document => document.Length)];
        _theirs = TiktokenTokenizer.CreateForEncoding("cl100k_base");
        _ours = Cl100kVocabulary.Open();
    }

    /// <summary>This project's encoder.</summary>
    [Benchmark]
    public long Ours() => _documents.Sum(document => (long)_ours.Encode(document, _ids));

    /// <summary>Microsoft.ML.Tokenizers.</summary>
    [Benchmark(Baseline = true)]
    public long Microsoft() => _texts.Sum(text => (long)_theirs.EncodeToIds(text).Count);
}
