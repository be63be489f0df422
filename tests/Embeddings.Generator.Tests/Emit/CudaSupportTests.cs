using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>What CUDA does not have is refused by name, and never takes the CPU's step away.</summary>
public sealed class CudaSupportTests
{
    /// <summary>
    /// Everything that a declaration can say, as far as the CUDA step has been told of it. A property that is missing here is one that
    /// <c>CudaSupport</c> must refuse or the CUDA emitter must obey; then it joins the list.
    /// </summary>
    private static readonly string[] s_known =
    [
        .. Of("ArchitectureSpec", "Layers Width Heads KeyValueHeads Context FeedForwardWidth Norm Positions FeedForward Biases QueryKeyNorm "
            + "LogitSoftCap EmbeddingNorm InputEmbedding SpellingPositions Head HeadWidth Windows ValueTables InputSkip ResidualScale Initialization Rank HiddenWidth BytesRead "
            + "InputVocabulary NgramRows NgramOrder SuffixVocabulary SecondVocabulary UntiesAfter DecoderWidth DecoderPositions FutureHead FutureWeights IsComposed"),
        .. Of("TrainingSpec", "BatchSize AccumulationSteps ClipNorm Schedule WarmupFraction DecayFraction FinalFraction Groups Recompute"),
        .. Of("GroupSpec", "Group LearningRate Beta1 Beta2 Epsilon WeightDecay WarmupSteps Muon"),
        .. Of("ModelSpec", "Type Architecture Routes Tokenizer Training Captures"),
    ];

    [Fact]
    public void Everything_that_can_be_declared_is_obeyed_or_refused()
    {
        string[] declared =
        [
            .. new[] { typeof(ArchitectureSpec), typeof(TrainingSpec), typeof(GroupSpec), typeof(ModelSpec) }
                .SelectMany(type => type.GetProperties().Where(property => property.Name != "EqualityContract").Select(property => $"{type.Name}.{property.Name}")),
        ];
        Assert.Equal(s_known.Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[OutputHead(HeadKind.Bytes)] [FutureTargets(1)]", "targets further ahead that are said as bytes")]
    public void What_CUDA_lacks_is_named_and_the_model_still_compiles(string attribute, string named)
    {
        GeneratorRun run = GeneratorHarness.Run($$"""
            namespace Laboratory;

            [Transformer(Layers = 2, Width = 64, Heads = 4, Context = 32)]
            [ByteLevelBpe(VocabularySize = 512)]
            {{attribute}}
            public sealed partial class Model;
            """);
        Assert.Empty(run.Diagnostics);
        run.AssertCompiles();
        Assert.DoesNotContain(run.Files.Keys, file => file.EndsWith(".Cuda.g.cs", StringComparison.Ordinal));
        string description = run.Files.Single(file => file.Key.EndsWith("Laboratory.Model.g.cs", StringComparison.Ordinal)).Value;
        Assert.Contains($"CudaRefusal = \"{named}", description);
    }

    private static IEnumerable<string> Of(string type, string properties) => properties.Split(' ').Select(property => $"{type}.{property}");
}
