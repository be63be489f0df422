using System.Diagnostics;
using Embeddings.Cpu;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>
/// Where the time of a training step on the processor goes, by kernel: each with the threads' waiting at its end. What no kernel takes,
/// and what kernels take that are too short to be told, stand at the end, so that the shares add up to 1.
/// </summary>
internal static class StepProfile
{
    private const double ShortestShare = 0.001;

    /// <summary>Makes steps and watches the pool's kernels.</summary>
    /// <param name="pool">The threads of the step.</param>
    /// <param name="step">The step.</param>
    /// <param name="steps">How many to make.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public static IReadOnlyList<KernelTiming> Run(WorkerPool pool, SyntheticStep step, int steps, CancellationToken cancellation)
    {
        var times = new KernelTimes();
        var clock = Stopwatch.StartNew();
        pool.Times = times;
        try
        {
            for (int i = 0; i < steps; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                step.Run();
            }
        }
        finally
        {
            pool.Times = null;
        }

        TimeSpan total = clock.Elapsed;
        KernelTiming[] all = [.. times.Longest.Select(kernel => Timing(kernel.Kernel, kernel.Tiles, kernel.Runs, kernel.Time))];
        KernelTiming[] told = [.. all.Where(kernel => kernel.Share >= ShortestShare)];
        KernelTiming[] rest = [.. all.Skip(told.Length)];
        TimeSpan inside = times.Longest.Aggregate(TimeSpan.Zero, (sum, kernel) => sum + kernel.Time);
        return
        [
            .. told,
            new KernelTiming(
                "shorter kernels", 0, rest.Sum(kernel => kernel.RunsPerStep), rest.Sum(kernel => kernel.MillisecondsPerStep), rest.Sum(kernel => kernel.Share)),
            Timing("outside kernels", 0, 0, total - inside),
        ];

        KernelTiming Timing(string name, int tiles, int runs, TimeSpan time) =>
            new(name, tiles, (double)runs / steps, time.TotalMilliseconds / steps, time / total);
    }
}
