using BenchmarkDotNet.Running;
using Embeddings.Benchmarks;
using Embeddings.Benchmarks.Sweeps;
using Embeddings.Benchmarks.Tokenization;

// products [threads] [LIBRARY…] rates of the matrix products of the bench variants, beside BLAS libraries (OpenBLAS, libtorch_cpu.so for MKL);
//                               TOKENSxOUTPUTSxINPUTS among the arguments takes the named layers alone
// sweep SIZE                    the step of BenchSmall while its context, width, vocabulary or layers grow, on one thread and on two
// encoding [DATA ...]           rates of the encoder and of Microsoft.ML.Tokenizers, in turns
// ranks FILE                    writes cl100k's vocabulary, for 'embeddings bench tokenizer --tokenizer FILE'
// anything else                 BenchmarkDotNet's switches, for instance --filter '*Attention*'
switch (args)
{
    case ["products", .. var rest]:
        ILookup<bool, string> byKind = rest.Skip(1).ToLookup(ProductRates.IsLayer);
        ProductRates.Run(rest.Length > 0 ? int.Parse(rest[0]) : 0, [.. byKind[false].Select(path => new BlasLibrary(path))], [.. byKind[true]]);
        break;
    case ["sweep", var size]:
        StepSweep.Run(size);
        break;
    case ["encoding", .. var data]:
        EncodingRatio.Run(data);
        break;
    case ["ranks", var file]:
        Cl100kVocabulary.Save(file);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ProductRates).Assembly).Run(args);
        break;
}
