using System.Diagnostics;
using Embeddings.Cpu;
using Embeddings.Experiments.Statistics;
using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>
/// Times the matrix products of a variant's linear layers and head, in the three forms of a training step, by themselves. A sample of
/// the machine's peak stands before and behind every timing.
/// </summary>
internal static class MatMulBenchmark
{
    /// <summary>Products of less than this are timed several at once.</summary>
    private const double ShortestTiming = 0.005;

    private const int FewestTimings = 3;

    /// <summary>Elements of the largest output, so that the head's logits need not fit in memory whole.</summary>
    private const long LargestOutput = 1 << 24;

    /// <summary>Times the products of a variant.</summary>
    /// <param name="model">Its description.</param>
    /// <param name="threads">Threads; 0 takes one per processor.</param>
    /// <param name="batch">Sequences in a pass, which decide the number of rows.</param>
    /// <param name="seconds">How long in all, about.</param>
    /// <param name="progress">Receives the share done.</param>
    /// <param name="cancellation">Stops between two timings.</param>
    public static MatMulTimings Run(
        ModelDescription model, int threads, int batch, double seconds, Action<double> progress, CancellationToken cancellation)
    {
        using var pool = new WorkerPool(threads);
        int rows = checked(batch * model.Architecture.Context);
        (LinearShape Shape, ProductForm Form)[] products =
            [.. from shape in LinearShape.Of(model) from form in Enum.GetValues<ProductForm>() select (shape, form)];
        var peaks = new List<double>();
        var timings = new List<ProductTiming>();
        foreach ((LinearShape shape, ProductForm form) in products)
        {
            progress((double)timings.Count / products.Length);
            int m = (int)Math.Min(rows, Math.Max(1, LargestOutput / shape.Outputs));
            using var operands = new ProductOperands(m, shape.Outputs, shape.Inputs);
            timings.Add(Time(pool, shape, form, operands, seconds / products.Length, peaks, cancellation));
        }

        double flops = 0, time = 0;
        foreach (ProductTiming timing in timings)
        {
            double share = 2.0 * timing.Copies * rows * timing.N * timing.K;
            flops += share;
            time += share / (1e9 * timing.Gflops);
        }

        return new MatMulTimings
        {
            Variant = model.Name,
            Threads = pool.Threads,
            VectorBits = MultiplyAddPeak.VectorBits,
            PeakGflops = Sample.Median([.. peaks]) / 1e9,
            Gflops = flops / time / 1e9,
            PeakFraction = flops / timings.Sum(timing => 2.0 * timing.Copies * rows * timing.N * timing.K / timing.PeakFraction),
            Products = timings,
        };
    }

    private static ProductTiming Time(
        WorkerPool pool, LinearShape shape, ProductForm form, ProductOperands operands, double seconds, List<double> peaks,
        CancellationToken cancellation)
    {
        operands.Multiply(pool, form);
        long started = Stopwatch.GetTimestamp();
        operands.Multiply(pool, form);
        int repeats = 1 + (int)(ShortestTiming / Math.Max(1e-9, Stopwatch.GetElapsedTime(started).TotalSeconds));
        double flops = 2.0 * operands.M * operands.N * operands.K * repeats;

        var rates = new List<double>();
        var fractions = new List<double>();
        double before = MultiplyAddPeak.Measure(pool);
        var clock = Stopwatch.StartNew();
        while (rates.Count < FewestTimings || clock.Elapsed.TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            started = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
            {
                operands.Multiply(pool, form);
            }

            rates.Add(flops / Stopwatch.GetElapsedTime(started).TotalSeconds);
            double behind = MultiplyAddPeak.Measure(pool);
            fractions.Add(rates[^1] / ((before + behind) / 2));
            peaks.Add(before = behind);
        }

        return new ProductTiming(
            shape.Name, form, shape.Copies, operands.M, operands.N, operands.K, Sample.Median([.. rates]) / 1e9, Sample.Median([.. fractions]));
    }
}
