using Embeddings.Experiments.Checks;
using Embeddings.Models;

namespace Embeddings.Experiments.Tests.Checks;

public sealed class ModelChecksTests
{
    [Fact]
    public void A_sound_model_passes_every_check()
    {
        CheckResult[] results = Run(CheckWhole.Variant);
        Assert.Equal(["gradients", "threads", "resume", "device"], results.Select(result => result.Check));
        Assert.All(results[..3], result => Assert.True(result.Passed, result.Detail));
        Assert.Null(results[3].Passed);
    }

    [Fact]
    public void A_model_of_several_vocabularies_passes_every_check()
    {
        Assert.All(Run(CheckVocabularies.Variant)[..3], result => Assert.True(result.Passed, result.Detail));
        Assert.All(Run(CheckInputs.Variant)[..3], result => Assert.True(result.Passed, result.Detail));
    }

    [Fact]
    public void A_gradient_cut_on_purpose_is_not_compared()
    {
        Assert.Null(Run(CheckCut.Variant)[0].Passed);
        Assert.Contains("cut on purpose", Run(CheckCut.Variant)[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_gradient_is_found_and_named()
    {
        CheckResult gradients = Run(CheckWhole.Variant with { CreateDouble = CheckCut.Variant.CreateDouble })[0];
        Assert.False(gradients.Passed);
        Assert.Contains("finite difference", gradients.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_depends_on_threads_is_found()
    {
        Variant uneven = CheckWhole.Variant with
        {
            CreateSingle = options => (options.Pool.Threads == 1 ? CheckWhole.Variant : CheckCut.Variant).CreateSingle(options),
        };
        CheckResult threads = Run(uneven)[1];
        Assert.False(threads.Passed);
        Assert.StartsWith("1 and 2 threads differ in ", threads.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_resumes_with_other_bits_is_found()
    {
        int created = 0;
        Variant uneven = CheckWhole.Variant with
        {
            CreateSingle = options => CheckWhole.Variant.CreateSingle(++created == 3 ? options with { Batch = 1 } : options),
        };
        Finding found = ResumeCheck.Run(uneven, ModelDevice.Processor, TestContext.Current.CancellationToken);
        Assert.False(found.Passed);
        Assert.StartsWith("other bits", found.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0009, true)]
    [InlineData(1.0011, false)]
    [InlineData(double.NaN, false)]
    public void A_device_whose_losses_are_others_is_found(double factor, bool passes)
    {
        double loss = 9;
        Finding found = DeviceCheck.Compare(() => --loss, () => loss * factor, 1e-3, TestContext.Current.CancellationToken);
        Assert.Equal(passes, found.Passed);
    }

    private static CheckResult[] Run(Variant variant) =>
        [.. ModelChecks.Run(variant, ModelDevice.Processor, _ => { }, TestContext.Current.CancellationToken)];
}
