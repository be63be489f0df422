using System.Globalization;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Benchmarks.Sweeps;

/// <summary>The whole training step while one size grows, on one thread and on two: time, work and the share of the measured peak in each cell.</summary>
internal static class StepSweep
{
    private const double SecondsPerCell = 2;

    private static readonly Dictionary<string, Variant[]> s_sweeps = new()
    {
        ["context"] = [Context64.Variant, Context128.Variant, BenchSmall.Variant, Context512.Variant, Context1024.Variant],
        ["width"] = [Width128.Variant, Width256.Variant, BenchSmall.Variant, Width768.Variant],
        ["vocabulary"] = [Vocabulary512.Variant, BenchSmall.Variant, Vocabulary16384.Variant, Vocabulary65536.Variant],
        ["layers"] = [Layers2.Variant, BenchSmall.Variant, Layers12.Variant],
    };

    /// <summary>Prints a table of one sweep: a row for each size.</summary>
    /// <param name="name">context, width, vocabulary or layers.</param>
    /// <exception cref="UserError">There is no such sweep.</exception>
    public static void Run(string name)
    {
        if (!s_sweeps.TryGetValue(name, out Variant[]? variants))
        {
            throw new UserError($"There is no sweep '{name}'; give {string.Join(", ", s_sweeps.Keys)}.");
        }

        Console.WriteLine("| variant | GFLOP a step | one thread: ms, share of its peak | two threads: ms, share of their peak | times faster |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach (Variant variant in variants)
        {
            StepTiming one = Time(variant, 1);
            StepTiming two = Time(variant, 2);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {variant.Name} | {one.Gflops * one.MillisecondsPerStep / 1e3:F0} | {one.MillisecondsPerStep:F0}, {one.PeakFraction:F2} "
                + $"| {two.MillisecondsPerStep:F0}, {two.PeakFraction:F2} | {one.MillisecondsPerStep / two.MillisecondsPerStep:F2} |"));
        }
    }

    private static StepTiming Time(Variant variant, int threads) => StepBenchmark.Run(
        variant, ModelDevice.Processor, new StepBenchmarkOptions { Threads = threads, Seconds = SecondsPerCell }, _ => { }, default);
}
