using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;
using static Embeddings.Runtime.Tests.Cuda.CudaPair;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// Generated CUDA steps in fp32 against the same variants on the processor: losses, gradients, two optimizer steps, evaluation and logits; and
/// what a pass or step may meet.
/// </summary>
public sealed unsafe class CudaModelTests
{
    /// <summary>Every declared variant through which gradients flow as they do by default; <see cref="CudaRoutedModelTests"/> has the others.</summary>
    public static TheoryData<string> Names =>
        [.. ModelFixture.All.Where(variant => variant.Description.Routes == RoutesDescription.Default).Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void In_fp32_two_steps_equal_those_of_the_processor(string name) => TwoStepsAreEqual(name);

    /// <summary>A head with a place of its own after two steps, a warm-up of four: the steps before, at and after the change.</summary>
    [Theory]
    [InlineData(nameof(WithUntyingHead))]
    [InlineData(nameof(WithMuon))]
    public void In_fp32_what_changes_after_some_steps_changes_there(string name)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new CudaPair(name, device, CudaElement.Single);
        pair.StepsAreEqual(6);
        pair.Actual.BringToHost(pair.ActualState);
        Assert.InRange(Distance(pair.Start, pair.Expected.Parameters, pair.Actual.Parameters), 0, 1e-3);
        Assert.InRange(Distance(null, pair.ExpectedState.FirstMoment, pair.ActualState.FirstMoment), 0, 1e-3);
    }

    /// <summary>Its rows are more than a work item adds up, so that they are summed in pieces.</summary>
    [Fact]
    public void A_token_that_fills_a_pass_has_its_whole_gradient()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new CudaPair(nameof(Plain), device, CudaElement.Single);
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
        using var pair = new CudaPair(nameof(WithBytesHead), device, CudaElement.Single);
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
    /// Why <see cref="CudaPair.Batch"/> chooses the ends of sequences: no later loss reads them, so that across positions they receive what rounding
    /// leaves of a difference of equals, of which AdamW makes a whole step. Every other row goes where the processor's goes.
    /// </summary>
    [Fact]
    public void Across_positions_rows_that_only_ends_of_sequences_read_receive_rounding_alone()
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new CudaPair(nameof(CombinedCrossPosition), device, CudaElement.Single);
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
        using var pair = new CudaPair(nameof(Plain), device, CudaElement.Single);
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
}
