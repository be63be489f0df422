using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved properties of <c>[Transformer]</c>, <c>[InputEmbedding]</c> and <c>[OutputHead]</c>.</summary>
internal sealed record ArchitectureSettings(
    Setting<int> Layers,
    Setting<int> Width,
    Setting<int> Heads,
    Setting<int> KeyValueHeads,
    Setting<int> Context,
    Setting<int> FeedForwardWidth,
    Setting<NormKind> Norm,
    Setting<PositionKind> Positions,
    Setting<FeedForwardKind> FeedForward,
    Setting<bool> Biases,
    Setting<bool> QueryKeyNorm,
    Setting<double> LogitSoftCap,
    Setting<bool> EmbeddingNorm,
    Setting<EmbeddingKind> InputEmbedding,
    Setting<int> SpellingPositions,
    Setting<HeadKind> Head)
{
    /// <summary>Rounds the default SwiGLU width to whole vectors.</summary>
    private const int FeedForwardGranularity = 16;

    public static ArchitectureSettings Read(InheritanceChain chain)
    {
        Application[] transformer = chain.Applications(typeof(TransformerAttribute)).ToArray();
        Application[] input = chain.Applications(typeof(InputEmbeddingAttribute)).ToArray();
        Application[] head = chain.Applications(typeof(OutputHeadAttribute)).ToArray();
        TransformerAttribute defaults = Defaults.Transformer;

        Setting<T> Transformer<T>(string name, T whenNotSaid) => Setting<T>.Resolve(transformer, name, whenNotSaid);

        return new ArchitectureSettings(
            Transformer(nameof(defaults.Layers), defaults.Layers),
            Transformer(nameof(defaults.Width), defaults.Width),
            Transformer(nameof(defaults.Heads), defaults.Heads),
            Transformer(nameof(defaults.KeyValueHeads), defaults.KeyValueHeads),
            Transformer(nameof(defaults.Context), defaults.Context),
            Transformer(nameof(defaults.FeedForwardWidth), defaults.FeedForwardWidth),
            Transformer(nameof(defaults.Norm), defaults.Norm),
            Transformer(nameof(defaults.Positions), defaults.Positions),
            Transformer(nameof(defaults.FeedForward), defaults.FeedForward),
            Transformer(nameof(defaults.Biases), defaults.Biases),
            Transformer(nameof(defaults.QueryKeyNorm), defaults.QueryKeyNorm),
            Transformer(nameof(defaults.LogitSoftCap), defaults.LogitSoftCap),
            Transformer(nameof(defaults.EmbeddingNorm), defaults.EmbeddingNorm),
            Setting<EmbeddingKind>.Resolve(input, nameof(InputEmbeddingAttribute.Kind), Defaults.InputEmbedding.Kind),
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.SpellingPositions), Defaults.InputEmbedding.SpellingPositions),
            Setting<HeadKind>.Resolve(head, nameof(OutputHeadAttribute.Kind), Defaults.OutputHead.Kind));
    }

    /// <summary>Whether the rows of the declared kind are never trained.</summary>
    public bool HasFrozenRows => InputEmbedding.Value is EmbeddingKind.FrozenRandom or EmbeddingKind.FrozenBinary;

    /// <summary>The spec, once the rules hold; zeros that stand for a default are resolved here.</summary>
    public ArchitectureSpec ToSpec() => new(
        Layers.Value,
        Width.Value,
        Heads.Value,
        KeyValueHeads.Value == 0 ? Heads.Value : KeyValueHeads.Value,
        Context.Value,
        FeedForwardWidth.Value == 0 ? DefaultFeedForwardWidth : FeedForwardWidth.Value,
        Norm.Value,
        Positions.Value,
        FeedForward.Value,
        Biases.Value,
        QueryKeyNorm.Value,
        LogitSoftCap.Value,
        EmbeddingNorm.Value,
        InputEmbedding.Value,
        SpellingPositions.Value,
        Head.Value);

    /// <summary>4·C; SwiGLU, which has three matrices in place of two, 8·C/3 rounded up.</summary>
    private int DefaultFeedForwardWidth => FeedForward.Value == FeedForwardKind.SwiGlu
        ? (8 * Width.Value + 3 * FeedForwardGranularity - 1) / (3 * FeedForwardGranularity) * FeedForwardGranularity
        : 4 * Width.Value;
}
