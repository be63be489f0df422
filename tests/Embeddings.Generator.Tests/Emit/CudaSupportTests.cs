using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Emit;

/// <summary>That nothing which can be declared is left out of the CUDA step without a word.</summary>
public sealed class CudaSupportTests
{
    /// <summary>
    /// Everything that a declaration can say, as far as the CUDA step has been told of it. A property that is missing here is one that
    /// the CUDA emitter must obey, or refuse with a <c>CudaUnsupportedException</c>; then it joins the list.
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

    private static IEnumerable<string> Of(string type, string properties) => properties.Split(' ').Select(property => $"{type}.{property}");
}
