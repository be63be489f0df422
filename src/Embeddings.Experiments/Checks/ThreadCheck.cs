using Embeddings.Cpu;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Models;

namespace Embeddings.Experiments.Checks;

/// <summary>Training steps of the processor on one thread and on two end with the same bits in every parameter and moment.</summary>
internal static class ThreadCheck
{
    private const int Steps = 3;
    private const int LargestBatch = 2;

    /// <summary>Checks a variant.</summary>
    public static Finding Run(Variant variant, ModelDevice device, CancellationToken cancellation)
    {
        int batch = Math.Min(LargestBatch, variant.Description.Training.BatchSize);
        using var one = new WorkerPool(1);
        using var two = new WorkerPool(2);
        using var alone = new SyntheticStep(variant, ModelDevice.Processor, one, batch);
        using var together = new SyntheticStep(variant, ModelDevice.Processor, two, batch);
        for (int step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            alone.Run();
            together.Run();
        }

        return alone.FirstDifference(together) is { } difference
            ? new Finding(false, "1 and 2 threads differ in " + difference)
            : new Finding(true, $"same bits on 1 and 2 threads after {Steps} steps");
    }
}
