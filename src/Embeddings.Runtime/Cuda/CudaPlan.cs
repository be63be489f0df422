using System.Collections.Immutable;

namespace Embeddings.Cuda;

/// <summary>What a generated CUDA step needs of its device, known at compile time: the generator prints it into each model.</summary>
public sealed record CudaPlan
{
    /// <summary>CUDA C of the whole module: <see cref="KernelLibrary.Text"/>, then the model's own kernels.</summary>
    public required string KernelText { get; init; }

    /// <summary>Elements of activations for each token of a pass; in bf16 or float, by the run's precision.</summary>
    public required long ElementsPerToken { get; init; }

    /// <summary>Floats of row statistics for each token of a pass.</summary>
    public required long StatisticsPerToken { get; init; }

    /// <summary>Columns of the widest partial sums, of which there are <see cref="KernelLibrary.MostTiles"/> rows of floats.</summary>
    public required int PartialColumns { get; init; }

    /// <summary>Elements from a row of logits to the next: the vocabulary, rounded up; 0 where a head of bytes has logits of its own.</summary>
    public required int LogitStride { get; init; }

    /// <summary>Query heads: attention's backward needs a float for each head of each token.</summary>
    public required int Heads { get; init; }

    /// <summary>Blocks of <see cref="KernelLibrary.SettingCount"/> settings that the optimizer reads at each step.</summary>
    public required int OptimizerSettings { get; init; }

    /// <summary>Tables of input rows whose gradients are scattered.</summary>
    public ImmutableArray<ScatterTable> Scatters { get; init; } = [];

    /// <summary>Elements of the largest matrix that Muon updates, or 0.</summary>
    public long LargestMuonMatrix { get; init; }

    /// <summary>The longest of the shorter sides of the matrices that Muon updates, or 0.</summary>
    public int LargestMuonSide { get; init; }

    /// <summary>Head width of rotary positions, or 0 where there are none.</summary>
    public int RotaryWidth { get; init; }

    /// <summary>Tensors that every pass keeps for the user.</summary>
    public ImmutableArray<CapturePlace> Captures { get; init; } = [];
}

/// <summary>Where a captured tensor lies in the arena of activations; sizes and places in elements per token.</summary>
/// <param name="Point">What it is.</param>
/// <param name="Offset">Before it.</param>
/// <param name="Columns">Elements of a row; there is a row for each token, without a gap.</param>
/// <param name="Slot">From a tensor of this kind to the next.</param>
/// <param name="Copies">Tensors of this kind.</param>
public sealed record CapturePlace(CapturePoints Point, long Offset, int Columns, int Slot, int Copies);

/// <summary>What addresses the rows of a table.</summary>
public enum RowsBy
{
    /// <summary>A position reads the row of its token.</summary>
    Token,

    /// <summary>A position reads every row that spells its token.</summary>
    Spelling,

    /// <summary>A position reads the row that the n-gram ending there is hashed to.</summary>
    Ngram,

    /// <summary>A position reads the row of the longest token that ends there.</summary>
    Suffix,

    /// <summary>A position reads the row of the byte that its token has at a place.</summary>
    Byte,

    /// <summary>A position reads the row of its id of the second input table.</summary>
    Second,
}

/// <summary>A table of input rows.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Elements of a row.</param>
/// <param name="By">What addresses them.</param>
/// <param name="Order">Of n-grams: n.</param>
/// <param name="Place">Of bytes: their place in the token, from −1.</param>
public sealed record ScatterTable(int Rows, int Columns, RowsBy By, int Order = 0, int Place = 0);
