using System.Collections.Immutable;

namespace Embeddings.Models;

/// <summary>The declared shape of a transformer; every default resolved.</summary>
public sealed record ArchitectureDescription
{
    /// <summary>Blocks, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream, C.</summary>
    public required int Width { get; init; }

    /// <summary>Query heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Positions in a sequence, T.</summary>
    public required int Context { get; init; }

    /// <summary>Hidden width of the feed-forward sub-layer.</summary>
    public required int FeedForwardWidth { get; init; }

    /// <summary>Normalisation.</summary>
    public required NormKind Norm { get; init; }

    /// <summary>Positions.</summary>
    public required PositionKind Positions { get; init; }

    /// <summary>Feed-forward sub-layer.</summary>
    public required FeedForwardKind FeedForward { get; init; }

    /// <summary>Whether linear layers and LayerNorm add a bias.</summary>
    public required bool Biases { get; init; }

    /// <summary>Whether queries and keys are normalised per head.</summary>
    public required bool QueryKeyNorm { get; init; }

    /// <summary>Soft cap of the logits; 0 is none.</summary>
    public required double LogitSoftCap { get; init; }

    /// <summary>Whether the embedding is normalised before the first block.</summary>
    public required bool EmbeddingNorm { get; init; }

    /// <summary>Kind of input row.</summary>
    public required EmbeddingKind InputEmbedding { get; init; }

    /// <summary>Byte positions that composed rows tell apart.</summary>
    public required int SpellingPositions { get; init; }

    /// <summary>Whether the head's matrix is the input table.</summary>
    public required HeadKind Head { get; init; }

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

    /// <summary>Longest n-gram that has a row; 0 is none.</summary>
    public int NgramOrder { get; init; }

    /// <summary>Tokens with a row for the positions that they end at; 0 is none.</summary>
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

    /// <summary>Weights of the losses of targets 1, 2, … positions further ahead than the next token; empty where there are none.</summary>
    public ImmutableArray<double> FutureWeights { get; init; } = [];

    /// <summary>Positions that a query sees in each layer, itself included, 0 for all; empty where no layer has a window.</summary>
    public ImmutableArray<int> Windows { get; init; } = [];

    /// <summary>The table of value rows of each layer, −1 for none; empty where no layer has one.</summary>
    public ImmutableArray<int> ValueTables { get; init; } = [];

    /// <summary>Whether blocks read the embedding's output beside the residual stream.</summary>
    public bool InputSkip { get; init; }

    /// <summary>Factor of what each sub-layer adds to the residual stream.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>How the weights of blocks and untied head start.</summary>
    public InitializationScheme Initialization { get; init; }
}
