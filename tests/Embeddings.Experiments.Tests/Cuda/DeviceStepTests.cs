using Embeddings.Cuda;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Variants;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Cuda;

namespace Embeddings.Experiments.Tests.Cuda;

/// <summary>
/// What the program's variants ask of a device, as data and as text for its compiler: those of the size of GPT-2 too, at the batch that they are
/// timed with, of which nothing is computed here.
/// </summary>
public sealed class DeviceStepTests
{
    /// <summary>Tokens of a step when it is timed on a device.</summary>
    private const int TimedTokens = 65_536;

    /// <summary>Free on a device of 80 GB.</summary>
    private const double Room = 79e9;

    public static TheoryData<string> Names => [.. VariantCatalog.All.Select(variant => variant.Name)];

    /// <summary>GPT-2 on short and whole sequences, its wide heads, a head that outweighs the body, the largest vocabulary.</summary>
    public static TheoryData<string> Timed =>
        [nameof(Gpt2Small), nameof(Gpt2SmallLong), nameof(Gpt2SmallWideHeads), nameof(BenchSmallWide), nameof(LargestVocabulary)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_launch_of_a_variant_stays_within_its_memory_and_the_limits(string name)
    {
        Variant variant = VariantCatalog.Find(name);
        using RecordingDevice device = Record(variant, variant.Description.Training.BatchSize, CudaElement.BFloat16);
        LaunchPlan.Check(device);
    }

    [Fact]
    public void Every_variant_has_a_step() => Assert.All(VariantCatalog.All, variant => Assert.Null(variant.CudaRefusal));

    [Fact]
    public void Every_kernel_of_every_variant_compiles_for_devices()
    {
        DeviceCompiler.Require();
        DeviceCompiler.Compile([.. VariantCatalog.All.Append(LargestVocabulary.Variant).SelectMany(variant =>
        {
            using RecordingDevice device = Record(variant, 1, CudaElement.BFloat16);
            return device.Texts.ToArray();
        })]);
    }

    [Theory]
    [MemberData(nameof(Timed))]
    public void A_timed_step_has_its_operations_its_memory_and_fits(string name)
    {
        Variant variant = Find(name);
        ModelDescription model = variant.Description;
        int batch = TimedTokens / model.Architecture.Context;
        using RecordingDevice device = Record(variant, batch, CudaElement.BFloat16);
        LaunchPlan.Check(device);
        StepCost cost = LaunchPlan.Cost(device);

        // Two operations for each weight and token in the forward, four in the backward; the head is not computed again.
        Assert.Equal(6.0 * model.MatMulParameters * TimedTokens, cost.ProductFlops);

        // A product of width C reads and writes bf16: C / 2 operations for each byte, more in the head, less where fp32 gradients are added to.
        Assert.InRange(cost.ProductFlops / cost.ProductBytes, model.Architecture.Width / 4.0, 2.0 * model.Architecture.Width);
        Assert.InRange(cost.MemoryBytes, 1, Room);
        int layers = model.Architecture.Layers;
        Assert.Equal(layers, device.Launches.Count(launch => launch.Kernel.Name == "attentionForward"));
        Assert.Equal(layers, device.Launches.Count(launch => launch.Kernel.Name is "attentionKeyValueGradient" or "attentionGradient"));
        Assert.Equal((TimedTokens + 8191) / 8192, device.Launches.Count(launch => launch.Kernel.Name == "crossEntropy"));
        Assert.InRange(device.Launches.Count, 20 * layers, 40 * layers + 40);
    }

    [Theory]
    [MemberData(nameof(Timed))]
    public void The_memory_that_is_told_before_a_run_is_what_it_takes(string name)
    {
        Variant variant = Find(name);
        int batch = TimedTokens / variant.Description.Architecture.Context;
        using RecordingDevice device = Record(variant, batch, CudaElement.BFloat16, out DeviceMemoryPlan plan);
        long taken = device.Memory.Sum(memory => memory.Bytes);
        Assert.InRange(plan.Bytes, 0.999 * taken, 1.001 * taken);
    }

    [Fact]
    public void Too_large_a_step_of_GPT_2_is_refused_with_the_batch_that_fits()
    {
        using var device = new RecordingDevice(80_000_000_000);
        Variant variant = Gpt2SmallLong.Variant;
        OutOfDeviceMemoryException error = Assert.Throws<OutOfDeviceMemoryException>(
            () => variant.CreateCuda!(new CudaModelOptions(device, 512, CudaElement.BFloat16)));
        System.Text.RegularExpressions.Match told = System.Text.RegularExpressions.Regex.Match(
            error.Message, @"^Gpt2SmallLong needs (\d+\.\d+) GB at a batch of 512 and 80\.0 GB are free on a record: a batch of at most (\d+) fits\.$");
        Assert.True(told.Success, error.Message);
        Assert.Empty(device.Memory);
        int fits = int.Parse(told.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(fits, 64, 511);
        DeviceMemoryPlan plan = PlanOf(variant, fits);
        Assert.InRange(plan.Bytes, 0, 80_000_000_000);
        Assert.InRange(PlanOf(variant, fits + 1).Bytes, 80_000_000_001, long.MaxValue);
    }

    private static DeviceMemoryPlan PlanOf(Variant variant, int batch)
    {
        using var device = new RecordingDevice();
        using CudaModel model = variant.CreateCuda!(new CudaModelOptions(device, batch, CudaElement.BFloat16));
        return model.MemoryPlan;
    }

    private static Variant Find(string name) => name == nameof(LargestVocabulary) ? LargestVocabulary.Variant : VariantCatalog.Find(name);

    private static RecordingDevice Record(Variant variant, int batch, CudaElement element) => Record(variant, batch, element, out _);

    private static RecordingDevice Record(Variant variant, int batch, CudaElement element, out DeviceMemoryPlan plan) => LaunchPlan.Record(
        variant, device => Options(variant.Description, device, batch, element), out plan, evaluates: false);

    private static CudaModelOptions Options(ModelDescription model, ICudaDevice device, int batch, CudaElement element) =>
        new(device, batch, element, SyntheticTokens.SpellingOf(model), SyntheticTokens.VocabulariesOf(model).Suffixes)
        {
            TargetSpelling = SyntheticTokens.VocabulariesOf(model).TargetSpelling(model),
        };
}

/// <summary>GPT-2's body with the largest vocabulary that a declaration takes.</summary>
[Transformer(Layers = 12, Width = 768, Heads = 12, Context = 1024)]
[ByteLevelBpe(VocabularySize = 262144)]
[OutputHead(HeadKind.Tied)]
[Training(BatchSize = 1)]
public sealed partial class LargestVocabulary;
