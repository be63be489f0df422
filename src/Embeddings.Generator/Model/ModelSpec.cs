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

    /// <summary>The table of value rows of each layer, −1 for none; empty where no layer has one.</summary>
    public EquatableArray<int> ValueTables { get; init; }

    /// <summary>Factor of what each sub-layer adds to the residual stream.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>How the weights of blocks and untied head start.</summary>
    public InitializationScheme Initialization { get; init; }

    /// <summary>Numbers in the code of a token of a low-rank table; 0 for other kinds.</summary>
    public int Rank { get; init; }

    /// <summary>Hidden width of rows that are computed from bytes one by one; 0 for other kinds.</summary>
    public int HiddenWidth { get; init; }

    /// <summary>First bytes of a token that such rows are computed from; 0 for other kinds.</summary>
    public int BytesRead { get; init; }

    /// <summary>Entries of the input vocabulary; 0 where it is the tokenizer's.</summary>
    public int InputVocabulary { get; init; }

    /// <summary>Rows of each table of n-grams; 0 is none.</summary>
    public int NgramRows { get; init; }

    /// <summary>Longest n-gram.</summary>
    public int NgramOrder { get; init; }

    /// <summary>Tokens with a row for positions that they end at; 0 is none.</summary>
    public int SuffixVocabulary { get; init; }

    /// <summary>Entries of the second input table; 0 is none.</summary>
    public int SecondVocabulary { get; init; }

    /// <summary>Steps after which a tied head is untied; 0 for other heads.</summary>
    public int UntiesAfter { get; init; }

    /// <summary>Width of the decoder of a head of bytes; 0 for other heads.</summary>
    public int DecoderWidth { get; init; }

    /// <summary>Byte places that the decoder tells apart; 0 for other heads.</summary>
    public int DecoderPositions { get; init; }

    /// <summary>What further targets have of their own.</summary>
    public FutureHeadKind FutureHead { get; init; }

    /// <summary>Weights of the losses of further targets; empty where there are none.</summary>
    public EquatableArray<double> FutureWeights { get; init; }

    /// <summary>Whether input rows are composed of the token's bytes, alone or beside a table.</summary>
    public bool IsComposed => InputEmbedding is EmbeddingKind.ByteSum or EmbeddingKind.Composed or EmbeddingKind.ComposedPermuted
        or EmbeddingKind.TableAndComposed;
}

/// <summary>The tokenizer.</summary>
/// <param name="Kind">Bytes, pairs or a list.</param>
/// <param name="VocabularySize">Entries.</param>
/// <param name="PreTokenization">How text is cut, where no pattern is given.</param>
/// <param name="Pattern">The user's pattern; empty where there is none.</param>
internal sealed record TokenizerSpec(TokenizerKind Kind, int VocabularySize, PreTokenization PreTokenization, string Pattern = "")
{
    /// <summary>Special tokens, in order of id.</summary>
    public EquatableArray<string> SpecialTokens { get; init; }

    /// <summary>Decides which pairs are drawn.</summary>
    public int Seed { get; init; }

    /// <summary>The list of words, in order of id.</summary>
    public EquatableArray<string> Words { get; init; }

    /// <summary>The file; empty where there is none.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether text is cut before it is encoded.</summary>
    public bool IsCut => Kind is not (TokenizerKind.Bytes or TokenizerKind.WordList);
}

/// <summary>Mirrors the runtime's enumeration of the same name.</summary>
internal enum TokenizerKind
{
    Bytes,
    ByteLevelBpe,
    RandomMerges,
    WordList,
    File,
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
    /// <summary>Whether the backward computes a block's activations again from its input.</summary>
    public bool Recompute { get; init; }

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
    ParameterGroup Group, double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay)
{
    /// <summary>Steps over which the rate rises; 0 is none.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>The optimizer of the group's matrices, where that is Muon.</summary>
    public MuonSpec? Muon { get; init; }
}

/// <summary>Muon for the matrices of a group.</summary>
internal sealed record MuonSpec(double LearningRate, double Momentum, double WeightDecay, int Iterations);
