using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// Generated CUDA steps on the emulator against the same variants on the processor: losses, gradients, two optimizer steps, evaluation and
/// logits. In bf16 the measure is the processor's own gradient, from which one in bf16 may differ by what rounding to 8 bits explains.
/// </summary>
public sealed unsafe class CudaModelTests
{
    private const int Sequences = 3;
    private const double Rate = 0.7;

    /// <summary>Few enough that a pass has a chunk that is not full.</summary>
    private const int LogitRows = 20;

    /// <summary>Every declared variant.</summary>
    public static TheoryData<string> Names => [.. ModelFixture.All.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void In_fp32_two_steps_equal_those_of_the_processor(string name)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new Pair(name, device, CudaElement.Single);
        StepsAreEqual(pair, 2);
        pair.Actual.BringToHost(pair.ActualState);

        // AdamW makes a whole step of a gradient that is nothing but rounding, as those of scores are in a context of one position.
        Assert.InRange(Distance(pair.Start, pair.Expected.Parameters, pair.Actual.Parameters), 0, 2e-2);
        Assert.InRange(Distance(null, pair.ExpectedState.SecondMoment, pair.ActualState.SecondMoment), 0, 1e-3);
        (int[] tokens, int[] targets) = pair.Batch(9);
        pair.Expected.Evaluate(tokens, targets);
        pair.Actual.Evaluate(tokens, targets);
        Assert.InRange(Distance(null, pair.Expected.Losses, pair.Actual.Losses), 0, 1e-3);
        var expectedLogits = new float[pair.Expected.Description.VocabularySize];
        var actualLogits = new float[expectedLogits.Length];
        int position = Math.Min(17, tokens.Length - 1);
        pair.Expected.Predict(tokens, position, expectedLogits);
        pair.Actual.Predict(tokens, position, actualLogits);
        for (int i = 0; i < expectedLogits.Length; i++)
        {
            Assert.InRange(actualLogits[i], expectedLogits[i] - 0.02f, expectedLogits[i] + 0.02f);
        }
    }

    /// <summary>A head with a place of its own after two steps, a warm-up of four: the steps before, at and after the change.</summary>
    [Theory]
    [InlineData(nameof(WithUntyingHead))]
    [InlineData(nameof(WithMuon))]
    public void In_fp32_what_changes_after_some_steps_changes_there(string name)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new Pair(name, device, CudaElement.Single);
        StepsAreEqual(pair, 6);
        pair.Actual.BringToHost(pair.ActualState);
        Assert.InRange(Distance(pair.Start, pair.Expected.Parameters, pair.Actual.Parameters), 0, 1e-3);
        Assert.InRange(Distance(null, pair.ExpectedState.FirstMoment, pair.ActualState.FirstMoment), 0, 1e-3);
    }

    /// <summary>Its rows are more than a work item adds up, so that they are summed in pieces.</summary>
    [Fact]
    public void A_token_that_fills_a_pass_has_its_whole_gradient()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new Pair(nameof(Plain), device, CudaElement.Single);
        (int[] tokens, int[] targets) = pair.Batch(0);
        Array.Fill(tokens, 7);
        Assert.True(tokens.Length > ScatterPlan.RowsPerItem);
        pair.Expected.BeginStep();
        pair.Expected.Backpropagate(tokens, targets, 1.0 / tokens.Length);
        pair.Actual.BeginStep();
        pair.Actual.Backpropagate(tokens, targets, 1.0 / tokens.Length);
        Assert.InRange(pair.GradientDistance(), 0, 1e-4);
    }

    /// <summary>Targets of one byte, then of three, then of one: graphs from before there were as many places, and after.</summary>
    [Fact]
    public void A_head_of_bytes_follows_the_lengths_of_its_targets()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new Pair(nameof(WithBytesHead), device, CudaElement.Single);
        foreach (int first in new[] { 100, 100, 100, 256, 256, 256, 100, 100 })
        {
            (int[] tokens, int[] targets) = pair.Batch(0);
            for (int i = 0; i < targets.Length; i++)
            {
                targets[i] = first + i % 40;
            }

            pair.Expected.BeginStep();
            pair.Expected.Backpropagate(tokens, targets, 1.0 / tokens.Length);
            pair.Actual.BeginStep();
            pair.Actual.Backpropagate(tokens, targets, 1.0 / tokens.Length);
            Assert.InRange(pair.GradientDistance(), 0, 1e-4);
            pair.Expected.EndStep(pair.ExpectedState, Rate);
            pair.Actual.EndStep(pair.ActualState, Rate);
            Near(pair.Expected.ReadStep().LossSum, pair.Actual.ReadStep().LossSum, 1e-5);
        }
    }

    /// <summary>
    /// Why <see cref="Pair.Batch"/> chooses the ends of sequences: no later loss reads them, so that across positions they receive what rounding
    /// leaves of a difference of equals, of which AdamW makes a whole step. Every other row goes where the processor's goes.
    /// </summary>
    [Fact]
    public void Across_positions_rows_that_only_ends_of_sequences_read_receive_rounding_alone()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new Pair(nameof(CombinedCrossPosition), device, CudaElement.Single);
        (int[] tokens, int[] targets) = ModelFixture.Batch(pair.Expected, 0);
        pair.Step([(tokens, targets)]);
        using var gradients = new Arena<float>(pair.Expected.Gradients.Length);
        pair.Actual.DownloadGradients(gradients);
        pair.Actual.BringToHost(pair.ActualState);
        ParameterBlock table = pair.Expected.Description.Parameters.Single(block => block.Name == "Embedding.Table");
        int context = pair.Expected.Description.Architecture.Context;
        var earlier = tokens.Where((_, position) => (position + 1) % context != 0).ToHashSet();
        double whole = Size(gradients.Slice(table.Offset, (int)table.Count));
        Assert.Contains(tokens, token => !earlier.Contains(token));
        foreach (int token in tokens.Distinct())
        {
            int first = (int)table.Offset + token * table.Columns;
            if (earlier.Contains(token))
            {
                double step = 0, difference = 0;
                for (int i = first; i < first + table.Columns; i++)
                {
                    step += Math.Pow(pair.Expected.Parameters.Pointer[i] - pair.Start[i], 2);
                    difference += Math.Pow(pair.Expected.Parameters.Pointer[i] - pair.Actual.Parameters.Pointer[i], 2);
                }

                Assert.InRange(Math.Sqrt(difference / step), 0, 1e-3);
            }
            else
            {
                Assert.InRange(Size(gradients.Slice(first, table.Columns)), 0, 1e-5 * whole);
                Assert.InRange(Size(pair.Expected.Gradients.Slice(first, table.Columns)), 0, 1e-5 * whole);
            }
        }

        static double Size(ReadOnlySpan<float> values) => Math.Sqrt(values.ToArray().Sum(value => Math.Pow(value, 2)));
    }

    [Fact]
    public void A_pass_beyond_those_of_a_step_is_refused_before_it_is_made()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new Pair(nameof(Plain), device, CudaElement.Single);
        (int[] tokens, int[] targets) = pair.Batch(0);
        pair.Actual.BeginStep();
        pair.Actual.Backpropagate(tokens, targets, 1.0 / tokens.Length);
        Assert.Equal(
            "A step has the declared number of passes, 1: end it, or declare more with [Training(AccumulationSteps = …)].",
            Assert.Throws<InvalidOperationException>(() => pair.Actual.Backpropagate(tokens, targets, 1.0 / tokens.Length)).Message);
        pair.Actual.EndStep(pair.ActualState, Rate);

        // Outcomes are read in order, so what is read first is that of the step whose second pass was refused.
        (StepOutcome expected, StepOutcome actual) = pair.Step(0);
        Near(expected.LossSum, actual.LossSum, 1e-5);
    }

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
        using var pair = new Pair(name, device, CudaElement.BFloat16);
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
            using var pair = new Pair(name, device, element);
            pair.Step(0);
            pair.Step(1);
            pair.Actual.BringToHost(pair.ActualState);
            return pair.Actual.Parameters.Slice(0, (int)pair.Actual.Parameters.Length).ToArray();
        })];
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(runs[0], runs[2]);
    }

    /// <summary>Makes steps on both, whose losses, norms and gradients agree.</summary>
    private static void StepsAreEqual(Pair pair, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            (StepOutcome expected, StepOutcome actual) = pair.Step((ulong)step);
            Near(expected.LossSum, actual.LossSum, 1e-5);
            Near(expected.GradientNorm, actual.GradientNorm, 1e-4);
            Assert.InRange(pair.GradientDistance(), 0, 1e-4);
        }
    }

    private static void Near(double expected, double actual, double tolerance) =>
        Assert.InRange(actual, expected - tolerance * Math.Abs(expected), expected + tolerance * Math.Abs(expected));

    /// <summary>|actual − expected| over |expected − start|, as vectors.</summary>
    private static double Distance(float[]? start, Arena<float> expected, Arena<float> actual)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual.Pointer[i] - expected.Pointer[i], 2);
            size += Math.Pow(expected.Pointer[i] - (start?[i] ?? 0), 2);
        }

        return Math.Sqrt(difference / size);
    }

    /// <summary>The same variant with the same weights on the processor and on a device.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly WorkerPool _pool = new(1);

        public Pair(string name, ICudaDevice device, CudaElement element)
        {
            Variant variant = ModelFixture.All.Single(variant => variant.Name == name);
            Expected = variant.CreateSingle(ModelFixture.Options(variant.Description, _pool, Sequences));
            Initializer.Initialize(Expected, 1);
            ModelFixture.Disturb(Expected, 0.05);
            Start = Expected.Parameters.Slice(0, (int)Expected.Parameters.Length).ToArray();
            ExpectedState = new OptimizerState<float>(variant.Description);
            ActualState = new OptimizerState<float>(variant.Description);
            Actual = variant.CreateCuda!(
                ModelFixture.Options(variant.Description, device, Sequences, element) with { LogitRows = LogitRows });
            Start.CopyTo(Actual.Parameters.Slice(0, Start.Length));
            Actual.TakeFromHost(ActualState);
        }

        public CompiledModel<float> Expected { get; }

        public CudaModel Actual { get; }

        public OptimizerState<float> ExpectedState { get; }

        public OptimizerState<float> ActualState { get; }

        public float[] Start { get; }

        /// <summary>
        /// Random ids. Across positions, what only the end of a sequence reads has an exact gradient of 0: it comes as a difference of two
        /// walks, whose rounding AdamW makes a whole step of. There the end of a sequence repeats its beginning, as far as n-grams reach.
        /// </summary>
        public (int[] Tokens, int[] Targets) Batch(ulong seed)
        {
            (int[] tokens, int[] targets) = ModelFixture.Batch(Expected, seed);
            if (Expected.Description.Routes.Table is TableGradient.CrossPosition or TableGradient.CrossPositionPermuted)
            {
                int context = Expected.Description.Architecture.Context;
                int repeated = Math.Max(1, Expected.Description.Architecture.NgramOrder);
                for (int end = context; end <= Expected.Tokens; end += context)
                {
                    tokens.AsSpan(end - context, repeated).CopyTo(tokens.AsSpan(end - repeated));
                }
            }

            return (tokens, targets);
        }

        /// <summary>The declared passes and an update on both.</summary>
        public (StepOutcome Expected, StepOutcome Actual) Step(ulong seed) =>
            Step([.. Enumerable.Range(0, Expected.Description.Training.AccumulationSteps).Select(pass => Batch(16 * seed + (ulong)pass))]);

        /// <summary>Passes of given ids and an update on both.</summary>
        public (StepOutcome Expected, StepOutcome Actual) Step(IReadOnlyList<(int[] Tokens, int[] Targets)> passes)
        {
            Expected.BeginStep();
            Actual.BeginStep();
            foreach ((int[] tokens, int[] targets) in passes)
            {
                Expected.Backpropagate(tokens, targets, 1.0 / (passes.Count * targets.Length));
                Actual.Backpropagate(tokens, targets, 1.0 / (passes.Count * targets.Length));
            }

            Expected.EndStep(ExpectedState, Rate);
            Actual.EndStep(ActualState, Rate);
            return (Expected.ReadStep(), Actual.ReadStep());
        }

        /// <summary>The largest relative distance of any parameter's gradient.</summary>
        public double GradientDistance()
        {
            using var actual = new Arena<float>(Expected.Gradients.Length);
            Actual.DownloadGradients(actual);
            double total = 0, largest = 0;
            for (int i = 0; i < actual.Length; i++)
            {
                total += Math.Pow(Expected.Gradients.Pointer[i], 2);
            }

            foreach (ParameterBlock block in Expected.Description.Parameters.Where(block => !block.Frozen))
            {
                double difference = 0, size = 0;
                for (int layer = 0; layer < block.Layers; layer++)
                {
                    for (long i = block.LayerOffset(layer); i < block.LayerOffset(layer) + block.Count; i++)
                    {
                        difference += Math.Pow(actual.Pointer[i] - Expected.Gradients.Pointer[i], 2);
                        size += Math.Pow(Expected.Gradients.Pointer[i], 2);
                    }
                }

                // A gradient that is nearly nothing is measured against the whole.
                largest = Math.Max(largest, Math.Sqrt(difference / Math.Max(size, 1e-4 * total)));
            }

            return largest;
        }

        public void Dispose()
        {
            Actual.Dispose();
            Expected.Dispose();
            ExpectedState.Dispose();
            ActualState.Dispose();
            _pool.Dispose();
        }
    }
}
