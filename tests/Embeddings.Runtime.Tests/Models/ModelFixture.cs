using System.Numerics;
using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>Instances of declared models with random parameters and random tokens.</summary>
internal static class ModelFixture
{
    public static IEnumerable<Variant> All => DeclaredVariants.All.Where(variant => !variant.Name.Contains("Naive"));

    /// <summary>A spelling of up to three bytes for each of V tokens, the first 256 their own byte.</summary>
    public static Spelling? SpellingOf(ModelDescription model) => Spelling.Of(
        model.Architecture.InputEmbedding,
        model.Architecture.SpellingPositions,
        Tokens(model.InputVocabularySize));

    public static ModelOptions Options(ModelDescription model, WorkerPool pool, int batch = 3) =>
        new(pool, batch, SpellingOf(model), SuffixTokens(model.Architecture.SuffixVocabulary))
        {
            TargetSpelling = TargetSpellingOf(model),
        };

    /// <summary>The bytes of the targets, for a head of bytes.</summary>
    private static Spelling? TargetSpellingOf(ModelDescription model) => new ModelVocabularies(Tokens(model.VocabularySize)).TargetSpelling(model);

    /// <summary>Up to three bytes for each of V tokens, the first 256 their own byte.</summary>
    public static byte[][] Tokens(int vocabulary) =>
        [.. Enumerable.Range(0, vocabulary).Select(id => id < 256 ? new[] { (byte)id } : [(byte)id, (byte)(id / 3), (byte)(id * 7)])];

    public static CudaModelOptions Options(ModelDescription model, ICudaDevice device, int batch, CudaElement element) =>
        new(device, batch, element, SpellingOf(model), SuffixTokens(model.Architecture.SuffixVocabulary))
        {
            TargetSpelling = TargetSpellingOf(model),
        };

    /// <summary>The bytes, and after them pairs of bytes.</summary>
    private static IReadOnlyList<byte[]>? SuffixTokens(int count) => count == 0
        ? null
        : [.. Enumerable.Range(0, count).Select(id => id < 256 ? new[] { (byte)id } : [(byte)(id * 31), (byte)(id * 57)])];

    /// <summary>Moves every parameter away from its start, so that no gradient is zero by symmetry.</summary>
    public static unsafe void Disturb<T>(CompiledModel<T> model, double deviation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new RandomStream(7, "disturb");
        for (long i = 0; i < model.Parameters.Length; i++)
        {
            model.Parameters.Pointer[i] += T.CreateTruncating(deviation * random.NextNormal());
        }
    }

    /// <summary>Random tokens of the input vocabularies and targets of the output's.</summary>
    public static (int[] Tokens, int[] Targets) Batch<T>(CompiledModel<T> model, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] tokens = Batch(model.Tokens, model.Description.InputVocabularySize, seed).Tokens;
        int second = model.Description.Architecture.SecondVocabulary;
        return (
            second == 0 ? tokens : [.. tokens, .. Batch(model.Tokens, second, seed + 100).Tokens],
            Batch(model.Tokens, model.Description.VocabularySize, seed).Targets);
    }

    public static (int[] Tokens, int[] Targets) Batch(int count, int vocabulary, ulong seed)
    {
        var random = new RandomStream(seed, "batch");
        int[] tokens = [.. Enumerable.Range(0, count).Select(_ => random.NextInteger(vocabulary))];
        int[] targets = [.. Enumerable.Range(0, count).Select(i => i % 11 == 5 ? -1 : random.NextInteger(vocabulary))];
        return (tokens, targets);
    }
}
