using System.Globalization;
using Embeddings.Cpu;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Models;

namespace Embeddings.Experiments.Checks;

/// <summary>
/// The generated backward pass against the generated forward pass, on the processor in double: along a random direction in each parameter, all of its layers
/// together, the gradient equals the central difference of the loss.
/// </summary>
internal static unsafe class GradientCheck
{
    private const double LongestStep = 1e-5;
    private const double LongestDistance = 1e-2;
    private const double SmallestScale = 1e-4;
    private const double Tolerance = 1e-5;

    /// <summary>Deviation of what is added to the starting values, so that no gradient is zero by symmetry.</summary>
    private const double Disturbance = 0.05;

    /// <summary>Checks a variant.</summary>
    public static Finding Run(Variant variant, ModelDevice device, CancellationToken cancellation)
    {
        ModelDescription description = variant.Description;
        if (!description.Routes.IsWholeGradient)
        {
            return new Finding(null, "its gradient is cut on purpose");
        }

        using var pool = new WorkerPool();
        using CompiledModel<double> model = variant.CreateDouble(SyntheticTokens.VocabulariesOf(description).Options(description, pool, batch: 1));
        Initializer.Initialize(model, seed: 1);
        Disturb(model.Parameters);
        (int[] tokens, int[] targets) = SyntheticTokens.Of(description, model.Tokens);
        model.BeginStep();
        model.Backpropagate(tokens, targets, 1.0 / model.Tokens);

        double worst = 0;
        foreach (ParameterBlock block in description.Parameters.Where(block => !block.Frozen))
        {
            cancellation.ThrowIfCancellationRequested();
            double step = Math.Min(LongestStep, LongestDistance / Math.Sqrt((double)block.Count * block.Layers));
            double analytic = AlongGradient(model, block);
            double numeric = (LossAt(step) - LossAt(-step)) / (2 * step);
            double error = Math.Abs(analytic - numeric) / Math.Max(SmallestScale, Math.Abs(analytic) + Math.Abs(numeric));
            if (!(error <= Tolerance))
            {
                return new Finding(false, string.Create(
                    CultureInfo.InvariantCulture, $"{block.Name}: gradient {analytic:G9}, finite difference {numeric:G9}"));
            }

            worst = Math.Max(worst, error);

            double LossAt(double distance)
            {
                Move(model.Parameters, block, distance);
                double objective = model.Objective(tokens, targets);
                Move(model.Parameters, block, -distance);
                return objective / model.Tokens;
            }
        }

        return new Finding(true, string.Create(CultureInfo.InvariantCulture, $"largest relative error {worst:0.0e+0}"));
    }

    private static void Disturb(Arena<double> parameters)
    {
        var random = new RandomStream(1, "disturbance");
        for (long i = 0; i < parameters.Length; i++)
        {
            parameters.Pointer[i] += Disturbance * random.NextNormal();
        }
    }

    private static double AlongGradient(CompiledModel<double> model, ParameterBlock block)
    {
        var random = Direction(block);
        double sum = 0;
        for (int layer = 0; layer < block.Layers; layer++)
        {
            double* gradients = model.Gradients.Pointer + block.LayerOffset(layer);
            for (long i = 0; i < block.Count; i++)
            {
                sum += random.NextNormal() * gradients[i];
            }
        }

        return sum;
    }

    private static void Move(Arena<double> parameters, ParameterBlock block, double distance)
    {
        var random = Direction(block);
        for (int layer = 0; layer < block.Layers; layer++)
        {
            double* values = parameters.Pointer + block.LayerOffset(layer);
            for (long i = 0; i < block.Count; i++)
            {
                values[i] += distance * random.NextNormal();
            }
        }
    }

    private static RandomStream Direction(ParameterBlock block) => new(1, "direction " + block.Name);
}
