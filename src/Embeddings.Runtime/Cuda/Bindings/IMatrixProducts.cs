namespace Embeddings.Cuda.Bindings;

/// <summary>A library of matrix products on one device.</summary>
internal interface IMatrixProducts : IDisposable
{
    /// <summary>The library's version, as it tells it.</summary>
    long Version { get; }

    /// <summary>Starts a product.</summary>
    /// <param name="product">The product, checked.</param>
    /// <param name="mayTime">Whether work may be done to find the fastest way; not while a graph is captured.</param>
    void Multiply(in DeviceProduct product, bool mayTime);
}
