using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Models;
using Embeddings.Runtime.Tests.Models;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>The same variant with the same weights on the processor and on a device.</summary>
internal sealed unsafe class CudaPair : IDisposable
{
    /// <summary>Of the schedule, in every update.</summary>
    public const double Rate = 0.7;

    private const int Sequences = 3;

    /// <summary>Few enough that a pass has a chunk that is not full.</summary>
    private const int LogitRows = 20;

    private readonly WorkerPool _pool = new(1);

    public CudaPair(string name, ICudaDevice device, CudaElement element)
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

    /// <summary>Makes steps on both, whose losses, norms and gradients agree.</summary>
    public void StepsAreEqual(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            (StepOutcome expected, StepOutcome actual) = Step((ulong)step);
            Near(expected.LossSum, actual.LossSum, 1e-5);
            Near(expected.GradientNorm, actual.GradientNorm, 1e-4);
            Assert.InRange(GradientDistance(), 0, 1e-4);
        }
    }

    /// <summary>Two steps in fp32, evaluation and the logits of a position are those of the processor.</summary>
    public static void TwoStepsAreEqual(string name)
    {
        using ICudaDevice device = TestDevice.OrSkip();
        using var pair = new CudaPair(name, device, CudaElement.Single);
        pair.StepsAreEqual(2);
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

    /// <summary>Whether a sum agrees up to a part of itself.</summary>
    public static void Near(double expected, double actual, double tolerance) =>
        Assert.InRange(actual, expected - tolerance * Math.Abs(expected), expected + tolerance * Math.Abs(expected));

    /// <summary>|actual − expected| over |expected − start|, as vectors.</summary>
    public static double Distance(float[]? start, Arena<float> expected, Arena<float> actual)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual.Pointer[i] - expected.Pointer[i], 2);
            size += Math.Pow(expected.Pointer[i] - (start?[i] ?? 0), 2);
        }

        return Math.Sqrt(difference / size);
    }
}
