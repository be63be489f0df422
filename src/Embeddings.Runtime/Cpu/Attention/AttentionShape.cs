namespace Embeddings.Cpu.Attention;

/// <summary>The shape of an attention layer.</summary>
internal readonly record struct AttentionShape
{
    /// <summary>Checks and keeps a shape.</summary>
    /// <exception cref="ArgumentException">The heads cannot share the key-value heads evenly, or the scale is not above 0.</exception>
    public AttentionShape(int batch, int context, int heads, int keyValueHeads, int headWidth, double scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyValueHeads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        if (heads % keyValueHeads != 0)
        {
            throw new ArgumentException($"{heads} heads cannot share {keyValueHeads} key-value heads evenly.", nameof(keyValueHeads));
        }

        Batch = batch;
        Context = context;
        Heads = heads;
        KeyValueHeads = keyValueHeads;
        HeadWidth = headWidth;
        Scale = scale;
    }

    /// <summary>Sequences, B.</summary>
    public int Batch { get; }

    /// <summary>Positions, T.</summary>
    public int Context { get; }

    /// <summary>Query heads, H.</summary>
    public int Heads { get; }

    /// <summary>Key-value heads.</summary>
    public int KeyValueHeads { get; }

    /// <summary>D.</summary>
    public int HeadWidth { get; }

    /// <summary>Factor of the scores.</summary>
    public double Scale { get; }

    /// <summary>Query heads that share a key-value head.</summary>
    public int HeadsPerGroup => Heads / KeyValueHeads;
}
