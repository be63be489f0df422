namespace Embeddings.Generator.Model;

/// <summary>
/// A declared model with every default and every inherited property resolved. Holds values only, no symbols and no syntax, so equal
/// declarations compare equal and an unrelated edit regenerates nothing.
/// </summary>
internal sealed record ModelSpec(
    TypeSpec Type,
    ArchitectureSpec Architecture,
    TokenizerSpec Tokenizer,
    TrainingSpec Training)
{
    /// <summary>Where gradients flow.</summary>
    public RoutesSpec Routes { get; init; } = RoutesSpec.Default;

    /// <summary>Tensors that a pass keeps.</summary>
    public CapturePoints Captures { get; init; }
}

/// <summary>The class that carries the declaration.</summary>
/// <param name="Namespace">Its namespace, keywords escaped; empty for the global one.</param>
/// <param name="Name">Its name, which may be a contextual keyword such as <c>record</c>.</param>
/// <param name="Modifiers">What stands before <c>partial class</c>, such as <c>public sealed</c>.</param>
internal sealed record TypeSpec(string Namespace, string Name, string Modifiers)
{
    public string FullName => Namespace.Length == 0 ? Name : Namespace + "." + Name;
}

/// <summary>The network; zeros that mean "default" are resolved (key-value heads, feed-forward width).</summary>
internal sealed record ArchitectureSpec(
    int Layers,
    int Width,
    int Heads,
    int KeyValueHeads,
    int Context,
    int FeedForwardWidth,
    NormKind Norm,
    PositionKind Positions,
    FeedForwardKind FeedForward,
    bool Biases,
    bool QueryKeyNorm,
    double LogitSoftCap,
    bool EmbeddingNorm,
    EmbeddingKind InputEmbedding,
    int SpellingPositions,
    HeadKind Head)
{
    public int HeadWidth => Width / Heads;

    /// <summary>Positions that a query sees in each layer, 0 for all; empty where no layer has a window.</summary>
    public EquatableArray<int> Windows { get; init; }

    /// <summary>Whether blocks read the embedding's output beside the residual stream.</summary>
    public bool InputSkip { get; init; }

    /// <summary>Factor of what each sub-layer adds to the residual stream.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>How the weights of blocks and untied head start.</summary>
    public InitializationScheme Initialization { get; init; }
}

/// <summary>The tokenizer.</summary>
internal sealed record TokenizerSpec(TokenizerKind Kind, int VocabularySize, PreTokenization PreTokenization);

/// <summary>Mirrors the runtime's enumeration of the same name.</summary>
internal enum TokenizerKind
{
    Bytes,
    ByteLevelBpe,
}

/// <summary>The optimizer step.</summary>
internal sealed record TrainingSpec(
    int BatchSize,
    int AccumulationSteps,
    double ClipNorm,
    ScheduleKind Schedule,
    double WarmupFraction,
    double DecayFraction,
    double FinalFraction,
    EquatableArray<GroupSpec> Groups)
{
    public GroupSpec Group(ParameterGroup group)
    {
        foreach (GroupSpec settings in Groups)
        {
            if (settings.Group == group)
            {
                return settings;
            }
        }

        throw new System.ArgumentOutOfRangeException(nameof(group));
    }
}

/// <summary>AdamW of one parameter group: input embedding, output head, body, in this order.</summary>
internal sealed record GroupSpec(
    ParameterGroup Group, double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay);
