using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Embeddings.Runtime.Tests.Cuda.LongestFirst))]

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// Starts the classes that take longest before the others, so that none of them runs alone at the end while cores are idle. Where no module is
/// compiled yet, these are the ones that compile most of them.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_longest = [nameof(CudaModelTests), nameof(CudaRoutedModelTests), nameof(CudaPrecisionTests)];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(Place)];

    private static int Place<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        int place = Array.FindIndex(s_longest, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
        return place < 0 ? s_longest.Length : place;
    }
}
