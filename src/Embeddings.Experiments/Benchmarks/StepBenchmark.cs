using System.Diagnostics;
using Embeddings.Cpu;
using Embeddings.Experiments.Statistics;
using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>How a step is timed.</summary>
internal sealed record StepBenchmarkOptions
{
    /// <summary>Threads; 0 takes one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Sequences in a pass; null for what the variant declares.</summary>
    public int? Batch { get; init; }

    /// <summary>Steps to time; null to time for <see cref="Seconds"/>.</summary>
    public int? Steps { get; init; }

    /// <summary>How long to time, where the steps are not counted; at least three steps are made.</summary>
    public double Seconds { get; init; } = 5;

    /// <summary>Whether to tell the time of every kernel, over half as many steps again.</summary>
    public bool Profile { get; init; }
}

/// <summary>
/// Times the whole training step of a variant on random tokens: forward, backward, gradient norm and AdamW, as training makes it. A
/// sample of the machine's peak stands before and behind every step, so that the fraction of it does not suffer from a noisy machine.
/// </summary>
internal static class StepBenchmark
{
    private const int FewestSteps = 3;
    private const int FewestWarmUpSteps = 2;
    private const double WarmUpSeconds = 1;

    /// <summary>Times a variant.</summary>
    /// <param name="variant">What to time.</param>
    /// <param name="device">Where.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Receives the share done.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public static StepTiming Run(
        Variant variant, ModelDevice device, StepBenchmarkOptions options, Action<double> progress, CancellationToken cancellation)
    {
        using var pool = new WorkerPool(options.Threads);
        using var step = new SyntheticStep(variant, device, pool, options.Batch ?? variant.Description.Training.BatchSize);
        step.Run();
        double startup = ProcessFacts.SecondsSinceStart();
        WarmUp(step, cancellation);

        var seconds = new List<double>();
        var fractions = new List<double>();
        var peaks = new List<double> { Peak(device, pool) };
        var allocated = new List<double>();
        var clock = Stopwatch.StartNew();
        double done;
        while ((done = Done(options, seconds.Count, clock.Elapsed.TotalSeconds)) < 1)
        {
            cancellation.ThrowIfCancellationRequested();
            progress(done);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long started = Stopwatch.GetTimestamp();
            step.RunAhead();
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            allocated.Add(GC.GetTotalAllocatedBytes(precise: true) - before);
            peaks.Add(device.Cuda is null ? Peak(device, pool) : peaks[0]);
            fractions.Add(step.Flops / seconds[^1] / ((peaks[^1] + peaks[^2]) / 2));
        }

        double median = Sample.Median([.. seconds]);
        return new StepTiming
        {
            Variant = variant.Name,
            Device = device.Name,
            Threads = pool.Threads,
            Batch = step.Batch,
            Context = variant.Description.Architecture.Context,
            Steps = seconds.Count,
            TokensPerSecond = step.Tokens / median,
            MillisecondsPerStep = 1e3 * median,
            Gflops = step.Flops / median / 1e9,
            PeakGflops = Sample.Median([.. peaks]) / 1e9,
            PeakFraction = Sample.Median([.. fractions]),
            VectorBits = device.Cuda is null ? MultiplyAddPeak.VectorBits : 0,
            PeakMemoryMiB = ProcessFacts.PeakMemoryMiB(),
            AllocatedBytesPerStep = Sample.Median([.. allocated]),
            StartupSeconds = startup,
            Kernels = options.Profile ? StepProfile.Run(pool, step, Math.Max(FewestSteps, seconds.Count / 2), cancellation) : null,
        };
    }

    private static void WarmUp(SyntheticStep step, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        for (int steps = 1; steps < FewestWarmUpSteps || clock.Elapsed.TotalSeconds < WarmUpSeconds; steps++)
        {
            cancellation.ThrowIfCancellationRequested();
            step.RunAhead();
        }
    }

    /// <summary>
    /// Of the processor a short sample, beside each step; of another device once, before the steps, which are not kept from following
    /// each other.
    /// </summary>
    private static double Peak(ModelDevice device, WorkerPool pool) =>
        device.Cuda is { } cuda ? ProductPeak.Measure(cuda, device.Element) : MultiplyAddPeak.Measure(pool);

    private static double Done(StepBenchmarkOptions options, int steps, double seconds) => options.Steps is { } wanted
        ? (double)steps / wanted
        : Math.Min((double)steps / FewestSteps, seconds / options.Seconds);
}
