namespace Embeddings;

/// <summary>Normalisation of a row of width C.</summary>
public enum NormKind
{
    /// <summary>(x − mean) / √(variance + 1e-5) · gain + bias (arXiv 1607.06450).</summary>
    LayerNorm,

    /// <summary>x / √(mean(x²) + 1e-5) · gain (arXiv 1910.07467).</summary>
    RmsNorm,
}
