using System.Globalization;
using Embeddings.Cpu;
using Embeddings.Cuda;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Models;

namespace Embeddings.Experiments.Checks;

/// <summary>Training steps on another device have the losses of the processor's, as far as the type of its activations allows.</summary>
internal static class DeviceCheck
{
    private const int Steps = 5;
    private const int LargestBatch = 2;

    /// <summary>Of fp32: sums in another order, over as many steps.</summary>
    private const double SingleTolerance = 1e-4;

    /// <summary>Of bf16: 8 bits of significand in every activation.</summary>
    private const double BFloat16Tolerance = 2e-2;

    /// <summary>Checks a variant.</summary>
    public static Finding Run(Variant variant, ModelDevice device, CancellationToken cancellation)
    {
        if (device.Cuda is null)
        {
            return new Finding(null, "there is only the processor");
        }

        int batch = Math.Min(LargestBatch, variant.Description.Training.BatchSize);
        using var pool = new WorkerPool();
        using var here = new SyntheticStep(variant, ModelDevice.Processor, pool, batch);
        using var there = new SyntheticStep(variant, device, pool, batch);
        return Compare(here.Run, there.Run, device.Element == CudaElement.BFloat16 ? BFloat16Tolerance : SingleTolerance, cancellation);
    }

    /// <summary>Compares the losses of the same steps made in two places.</summary>
    internal static Finding Compare(Func<double> here, Func<double> there, double tolerance, CancellationToken cancellation)
    {
        double worst = 0;
        for (int step = 1; step <= Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            double expected = here(), found = there();
            double error = Math.Abs(found - expected) / Math.Abs(expected);
            if (!(error <= tolerance))
            {
                return new Finding(false, string.Create(
                    CultureInfo.InvariantCulture, $"loss {found:G9} at step {step}, the processor's is {expected:G9}"));
            }

            worst = Math.Max(worst, error);
        }

        return new Finding(true, string.Create(CultureInfo.InvariantCulture, $"losses of {Steps} steps differ by {worst:0.0e+0} at most"));
    }
}
