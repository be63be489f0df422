using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>As <see cref="CudaModelTests"/>, of the variants that declare where gradients flow; a class of its own, so that both run beside each other.</summary>
public sealed class CudaRoutedModelTests
{
    /// <summary>These variants.</summary>
    public static TheoryData<string> Names =>
        [.. ModelFixture.All.Where(variant => variant.Description.Routes != RoutesDescription.Default).Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void In_fp32_two_steps_equal_those_of_the_processor(string name) => CudaPair.TwoStepsAreEqual(name);
}
