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

    /// <summary>Elements from a row of logits to the next: the vocabulary, rounded up.</summary>
    public required int LogitStride { get; init; }

    /// <summary>Query heads: attention's backward needs a float for each head of each token.</summary>
    public required int Heads { get; init; }

    /// <summary>Stretches of the arenas that the optimizer updates with settings of their own.</summary>
    public required int OptimizerSegments { get; init; }

    /// <summary>The table of input rows whose gradient is scattered, or null where none is.</summary>
    public ScatterTable? Scatter { get; init; }

    /// <summary>Head width of rotary positions, or 0 where there are none.</summary>
    public int RotaryWidth { get; init; }
}

/// <summary>A table whose rows are read by token.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Elements of a row.</param>
/// <param name="BySpelling">Whether a token reads the rows that spell it, instead of its own.</param>
public sealed record ScatterTable(int Rows, int Columns, bool BySpelling);
