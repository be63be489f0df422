using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;
using static Embeddings.Runtime.Tests.Cuda.CudaPair;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// Generated CUDA steps in bf16 against the processor's, from whose gradient theirs may differ by what rounding to 8 bits explains; and the
/// bits of either precision, which no order of blocks may change.
/// </summary>
public sealed class CudaPrecisionTests
{
    [Theory]
    [InlineData(nameof(Plain))]
    [InlineData(nameof(WithEverything))]
    [InlineData(nameof(WithComposedRows))]
    [InlineData(nameof(WithMuon))]
    [InlineData(nameof(WithInputSkip))]
    [InlineData(nameof(WithTableAndComposed))]
    [InlineData(nameof(WithNgrams))]
    [InlineData(nameof(WithRecurrentRows))]
    [InlineData(nameof(WithConvolutionalRows))]
    [InlineData(nameof(WithBytesHead))]
    [InlineData(nameof(WithBytesHeadAndFutureTargets))]
    [InlineData(nameof(WithRankOne))]
    [InlineData(nameof(WithTwoTables))]
    [InlineData(nameof(WithSomeValueRows))]
    [InlineData(nameof(WithFutureTargets))]
    public void In_bf16_the_gradient_is_that_of_the_processor_up_to_rounding(string name)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new CudaPair(name, device, CudaElement.BFloat16);
        (StepOutcome expected, StepOutcome actual) = pair.Step(0);
        Near(expected.LossSum, actual.LossSum, 5e-3);
        Near(expected.GradientNorm, actual.GradientNorm, 0.03);
        Assert.InRange(pair.GradientDistance(), 1e-4, 0.05);
        pair.Actual.BringToHost(pair.ActualState);
        Assert.InRange(Distance(null, pair.ExpectedState.FirstMoment, pair.ActualState.FirstMoment), 0, 0.05);
    }

    [Theory]
    [InlineData(nameof(WithEverything), CudaElement.Single)]
    [InlineData(nameof(WithEverything), CudaElement.BFloat16)]
    [InlineData(nameof(WithMuon), CudaElement.BFloat16)]
    [InlineData(nameof(WithInputSkip), CudaElement.BFloat16)]
    [InlineData(nameof(WithTableAndComposed), CudaElement.BFloat16)]
    [InlineData(nameof(WithSuffixRows), CudaElement.BFloat16)]
    [InlineData(nameof(WithRoutedRecurrentRows), CudaElement.Single)]
    [InlineData(nameof(WithConvolutionalRows), CudaElement.BFloat16)]
    [InlineData(nameof(WithBytesHead), CudaElement.Single)]
    [InlineData(nameof(WithBytesHead), CudaElement.BFloat16)]
    [InlineData(nameof(WithRankOne), CudaElement.BFloat16)]
    [InlineData(nameof(WithTwoTables), CudaElement.BFloat16)]
    [InlineData(nameof(WithSomeValueRows), CudaElement.BFloat16)]
    [InlineData(nameof(WithFutureTargets), CudaElement.BFloat16)]
    public void The_order_of_blocks_and_a_repeat_leave_the_bits(string name, CudaElement element)
    {
        float[][] runs = [.. new[] { 0, 0, 5 }.Select(seed =>
        {
            using ICudaDevice device = TestDevice.OrSkip(seed);
            using var pair = new CudaPair(name, device, element);
            pair.Step(0);
            pair.Step(1);
            pair.Actual.BringToHost(pair.ActualState);
            return pair.Actual.Parameters.Slice(0, (int)pair.Actual.Parameters.Length).ToArray();
        })];
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(runs[0], runs[2]);
    }
}
