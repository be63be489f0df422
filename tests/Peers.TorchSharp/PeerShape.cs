namespace Embeddings.Peers;

/// <summary>A bench variant's shape.</summary>
internal sealed record PeerShape(string Name, int Layers, int Heads, int Width, int Context, int Vocabulary, int Batch)
{
    private static readonly PeerShape[] s_all =
    [
        new("BenchTiny", 4, 4, 128, 128, 1024, 16),
        new("BenchSmall", 6, 6, 384, 256, 4096, 8),
        new("BenchSmallBytes", 6, 6, 384, 256, 256, 8),
        new("BenchSmallWide", 6, 6, 384, 256, 32768, 8),
        new("Gpt2Small", 12, 12, 768, 64, 50257, 4),
        new("Gpt2SmallLong", 12, 12, 768, 1024, 50257, 1),
    ];

    /// <summary>Tokens in a step.</summary>
    public long Tokens => (long)Batch * Context;

    /// <summary>Forward and backward: 6 a matrix-product parameter and token, and 6·L·C·T a token for causal attention.</summary>
    public double FlopsPerStep =>
        Tokens * (6.0 * (12.0 * Layers * Width * Width + (double)Vocabulary * Width) + 6.0 * Layers * Width * Context);

    /// <summary>The shape of a variant.</summary>
    /// <exception cref="ArgumentException">There is no such variant.</exception>
    public static PeerShape Find(string name) => s_all.FirstOrDefault(shape => shape.Name == name)
        ?? throw new ArgumentException($"There is no variant '{name}'; there are {string.Join(", ", s_all.Select(shape => shape.Name))}.");
}
