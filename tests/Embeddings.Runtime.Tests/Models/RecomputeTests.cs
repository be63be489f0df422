using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Cuda;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>Blocks that the backward computes again: the bits of the model that keeps them, in less memory.</summary>
public sealed unsafe class RecomputeTests
{
    private const int Sequences = 3;
    private const int Steps = 2;

    /// <summary>Each variant with <c>Recompute</c>, beside the one without.</summary>
    public static TheoryData<string, string> Pairs => new()
    {
        { nameof(RecomputedPlain), nameof(Plain) },
        { nameof(RecomputedEverything), nameof(WithEverything) },
        { nameof(RecomputedInputSkip), nameof(WithInputSkip) },
        { nameof(RecomputedPermuted), nameof(RoutePermuted) },
        { nameof(RecomputedUnclipped), nameof(KeptUnclipped) },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void On_the_processor_the_bits_are_the_same_and_the_memory_less(string recomputed, string kept)
    {
        Variant again = Find(recomputed), plain = Find(kept);
        Assert.Equal(OnProcessor(plain), OnProcessor(again));
        AssertLess(again.Description.ActivationsPerToken, plain.Description.ActivationsPerToken, plain.Description.Architecture.Layers);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void On_a_device_the_bits_are_the_same_and_the_memory_less(string recomputed, string kept)
    {
        Variant again = Find(recomputed), plain = Find(kept);
        CudaElement element = recomputed == nameof(RecomputedPlain) ? CudaElement.Single : CudaElement.BFloat16;
        (int[] expected, long expectedBytes) = OnDevice(plain, element);
        (int[] actual, long actualBytes) = OnDevice(again, element);
        Assert.Equal(expected, actual);
        AssertLess(actualBytes, expectedBytes, plain.Description.Architecture.Layers);
    }

    private static Variant Find(string name) => ModelFixture.All.Single(variant => variant.Name == name);

    /// <summary>With one layer there is nothing to save.</summary>
    private static void AssertLess(long again, long kept, int layers) => Assert.True(layers == 1 ? again == kept : again < kept, $"{again}, and {kept} without");

    private static int[] OnProcessor(Variant variant)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<float> model = variant.CreateSingle(ModelFixture.Options(variant.Description, pool, Sequences));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.05);
        return Train(model, seed => ModelFixture.Batch(model, seed));
    }

    private static (int[] Bits, long Activations) OnDevice(Variant variant, CudaElement element)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pool = new WorkerPool(1);
        using CompiledModel<float> host = variant.CreateSingle(ModelFixture.Options(variant.Description, pool, Sequences));
        Initializer.Initialize(host, 1);
        ModelFixture.Disturb(host, 0.05);
        using CudaModel model = variant.CreateCuda!(ModelFixture.Options(variant.Description, device, Sequences, element));
        host.Parameters.Slice(0, (int)host.Parameters.Length).CopyTo(model.Parameters.Slice(0, (int)host.Parameters.Length));
        return (Train(model, seed => ModelFixture.Batch(host, seed)), model.MemoryPlan.Items.Single(item => item.Name == "activations").Bytes);
    }

    /// <summary>Bits of parameters and moments after some steps.</summary>
    private static int[] Train(LanguageModel<float> model, Func<ulong, (int[] Tokens, int[] Targets)> batch)
    {
        using var state = new OptimizerState<float>(model.Description);
        model.TakeFromHost(state);
        for (int step = 0; step < Steps; step++)
        {
            (int[] tokens, int[] targets) = batch((ulong)step);
            model.MakeStep(tokens, targets, state, 1);
            Assert.True(double.IsFinite(model.ReadStep().LossSum));
        }

        model.BringToHost(state);
        return
        [
            .. new[] { model.Parameters, state.FirstMoment, state.SecondMoment }
                .SelectMany(arena => arena.Slice(0, (int)arena.Length).ToArray()).Select(BitConverter.SingleToInt32Bits),
        ];
    }
}
