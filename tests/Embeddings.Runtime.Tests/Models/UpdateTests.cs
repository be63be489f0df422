using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>A step that updates each layer inside its backward does what backward and update one after the other do.</summary>
public sealed unsafe class UpdateTests
{
    private const int Steps = 4;

    public static TheoryData<string> Updating => ["UpdatesTied", "UpdatesUntied", "UpdatesLlama", "UpdatesLowRank"];

    [Theory]
    [MemberData(nameof(Updating))]
    public void A_step_with_updates_inside_equals_backward_and_update(string name)
    {
        Variant variant = DeclaredVariants.All.Single(each => each.Name == name);
        Assert.True(variant.Description.UpdatesInBackward);

        (float[] apart, StepOutcome[] apartOutcomes) = Train(variant, threads: 2, (model, tokens, targets, state) =>
        {
            model.BeginStep();
            model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
            model.EndStep(state, 0.7);
        });
        (float[] inside, StepOutcome[] insideOutcomes) = Train(variant, threads: 2, (model, tokens, targets, state) =>
            model.MakeStep(tokens, targets, state, 0.7));

        Assert.Equal(apart, inside);
        for (int step = 0; step < Steps; step++)
        {
            Assert.Equal(apartOutcomes[step].LossSum, insideOutcomes[step].LossSum);
            Assert.Equal(apartOutcomes[step].GradientNorm, insideOutcomes[step].GradientNorm, 1e-9 * apartOutcomes[step].GradientNorm);
        }
    }

    [Theory]
    [MemberData(nameof(Updating))]
    public void Its_bits_do_not_depend_on_threads(string name)
    {
        Variant variant = DeclaredVariants.All.Single(each => each.Name == name);
        (float[] one, StepOutcome[] oneOutcomes) = Train(variant, threads: 1, Step);
        (float[] three, StepOutcome[] threeOutcomes) = Train(variant, threads: 3, Step);

        Assert.Equal(one.Select(BitConverter.SingleToInt32Bits), three.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(oneOutcomes, threeOutcomes);

        static void Step(LanguageModel<float> model, int[] tokens, int[] targets, OptimizerState<float> state) =>
            model.MakeStep(tokens, targets, state, 1);
    }

    [Fact]
    public void Layers_share_the_memory_of_the_first_ones_gradients()
    {
        ModelDescription description = UpdatesTied.Variant.Description;
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = UpdatesTied.Variant.CreateSingle(new ModelOptions(pool, 2));
        using var state = new OptimizerState<float>(description);
        Initializer.Initialize(model, 5);
        (int[] tokens, int[] targets) = Batch(model, new Random(1));
        model.MakeStep(tokens, targets, state, 1);

        long touched = 0;
        foreach (ParameterBlock block in description.Parameters)
        {
            Assert.True(Gradient(block, 0).ContainsAnyExcept(0f), block.Name);
            touched += block.Count;
            for (int layer = 1; layer < block.Layers; layer++)
            {
                Assert.False(Gradient(block, layer).ContainsAnyExcept(0f), block.LayerName(layer));
            }
        }

        Assert.Equal(touched, description.GradientCount);
        Assert.Equal(
            sizeof(float) * (description.ParameterCount + 2 * description.TrainableCount + touched + (description.ActivationsPerToken + 1) * 24),
            description.TrainingBytes(2));

        Span<float> Gradient(ParameterBlock block, int layer) => model.Gradients.Slice(block.LayerOffset(layer), (int)block.Count);
    }

    [Fact]
    public void What_needs_all_gradients_at_once_keeps_them()
    {
        foreach (Variant variant in new[] { WholeClipped.Variant, WholeAccumulated.Variant, WholeMuon.Variant })
        {
            Assert.False(variant.Description.UpdatesInBackward, variant.Name);
            Assert.Equal(variant.Description.TrainableCount, variant.Description.GradientCount);
        }
    }

    private static (float[] Parameters, StepOutcome[] Outcomes) Train(
        Variant variant, int threads, Action<LanguageModel<float>, int[], int[], OptimizerState<float>> step)
    {
        using var pool = new WorkerPool(threads);
        using CompiledModel<float> model = variant.CreateSingle(new ModelOptions(pool, variant.Description.Training.BatchSize));
        using var state = new OptimizerState<float>(variant.Description);
        Initializer.Initialize(model, 5);
        var random = new Random(3);
        var outcomes = new StepOutcome[Steps];
        for (int i = 0; i < Steps; i++)
        {
            (int[] tokens, int[] targets) = Batch(model, random);
            step(model, tokens, targets, state);
            outcomes[i] = model.ReadStep();
        }

        Assert.Equal(Steps, state.Step);
        Assert.Equal(Steps, model.Step);
        return (model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray(), outcomes);
    }

    private static (int[] Tokens, int[] Targets) Batch(LanguageModel<float> model, Random random)
    {
        int vocabulary = model.Description.VocabularySize;
        return ([.. Enumerable.Range(0, model.Tokens).Select(_ => random.Next(vocabulary))],
            [.. Enumerable.Range(0, model.Tokens).Select(_ => random.Next(-1, vocabulary))]);
    }
}
