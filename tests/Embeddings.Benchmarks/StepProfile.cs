using System.Diagnostics;
using Embeddings.Cpu;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Benchmarks;

/// <summary>Where the time of a training step goes.</summary>
internal static class StepProfile
{
    private const int WarmUp = 3;
    private const double Seconds = 8;

    /// <summary>Trains a variant on random tokens and prints each kernel's share of the step.</summary>
    public static void Run(string name, int threads)
    {
        Variant variant = VariantCatalog.Find(name);
        ModelDescription description = variant.Description;
        using var pool = new WorkerPool(threads);
        using CompiledModel<float> model = variant.CreateSingle(new ModelOptions(pool, description.Training.BatchSize));
        using var optimizer = new OptimizerState<float>(description);
        Initializer.Initialize(model, 1);
        var random = new Random(1);
        var tokens = new int[model.Tokens];
        var targets = new int[model.Tokens];

        for (int step = 0; step < WarmUp; step++)
        {
            Step();
        }

        var milliseconds = new List<double>();
        var peaks = new List<double>();
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < Seconds || milliseconds.Count < 5)
        {
            peaks.Add(PeakRate.Measure(pool));
            milliseconds.Add(Step());
        }

        double median = Median(milliseconds);
        double rate = description.FlopsPerToken * model.Tokens / median / 1e6;
        Console.WriteLine($"{name}, {pool.Threads} threads: {median:F2} ms a step ({milliseconds.Count} steps, best {milliseconds.Min():F2}), "
            + $"{model.Tokens / median * 1e3:F0} tokens/s, {rate:F1} GFLOP/s, {rate / Median(peaks):F3} of the peak of {Median(peaks):F1}");

        pool.Times = new KernelTimes();
        double total = 0;
        int profiled = Math.Max(3, milliseconds.Count / 2);
        for (int step = 0; step < profiled; step++)
        {
            total += Step();
        }

        double inside = 0;
        Console.WriteLine($"{"kernel",-60} {"tiles",7} {"runs",6} {"ms/step",9} {"share",6}");
        foreach ((string kernel, int tiles, int runs, TimeSpan time) in pool.Times.Longest)
        {
            inside += time.TotalMilliseconds;
            Console.WriteLine($"{kernel,-60} {tiles,7} {(double)runs / profiled,6:F1} {time.TotalMilliseconds / profiled,9:F3} {time.TotalMilliseconds / total,6:P1}");
        }

        Console.WriteLine($"{"outside kernels",-60} {"",7} {"",6} {(total - inside) / profiled,9:F3} {1 - inside / total,6:P1}");

        double Step()
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = random.Next(description.VocabularySize);
                targets[i] = random.Next(description.VocabularySize);
            }

            long start = Stopwatch.GetTimestamp();
            model.MakeStep(tokens, targets, optimizer, 1);
            model.ReadStep();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
