using Embeddings.Experiments.Cli;
using Embeddings.Experiments.Variants;

namespace Embeddings.Experiments.Tests.Cli;

/// <summary>Which device is picked, and what the user is told of it, where there is no CUDA.</summary>
public sealed class DeviceChoiceTests : IDisposable
{
    private const string Variable = "EMBEDDINGS_CUDA_DRIVER";
    private const string Missing = "EMBEDDINGS_CUDA_DRIVER names '/nowhere', which cannot be loaded as the NVIDIA driver (libcuda).";

    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    public DeviceChoiceTests() => Environment.SetEnvironmentVariable(Variable, "/nowhere");

    [Fact]
    public void Auto_takes_the_processor_and_says_why()
    {
        using DeviceChoice choice = DeviceChoice.Of("auto", null, VariantCatalog.Find("Baseline"));
        Assert.Equal(("cpu", "Computing on the processor: " + Missing), (choice.Name, choice.Sentence));
    }

    [Theory]
    [InlineData("cuda", null, "--device cuda is not possible: " + Missing)]
    [InlineData("gpu", null, "--device takes auto, cpu or cuda, not 'gpu'.")]
    [InlineData("cpu", "fp16", "--precision takes bf16 or fp32, not 'fp16'.")]
    [InlineData("cpu", "bf16", "The processor computes in fp32; leave out --precision bf16. Computing on the processor.")]
    public void What_cannot_be_is_refused_in_a_sentence(string device, string? precision, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<UserError>(() => DeviceChoice.Of(device, precision, VariantCatalog.Find("Baseline"))).Message);

    [Fact]
    public async Task Commands_refuse_a_device_that_is_not_there()
    {
        Assert.Equal("--device cuda is not possible: " + Missing, await CommandLine.Refuse("bench", "step", "--variant", "BenchTiny", "--device", "cuda"));
        Assert.Equal("--device cuda is not possible: " + Missing, await CommandLine.Refuse("train", "Baseline", "--device", "cuda"));
        Assert.Equal("--device cuda is not possible: " + Missing, await CommandLine.Refuse("study", "vocabulary", "--device", "cuda"));
    }

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, _before);
}
