using System.Diagnostics;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Benchmarks;

/// <summary>The rate of every matrix product of the bench variants, in its three forms, as a share of the peak measured beside it.</summary>
internal static unsafe class ProductRates
{
    private const int Rounds = 9;
    private const double SecondsPerSample = 0.05;

    /// <summary>Tokens, outputs and inputs of a linear layer.</summary>
    private static readonly (int Rows, int Outputs, int Inputs)[] s_layers =
    [
        (2048, 384, 128), (2048, 128, 128), (2048, 512, 128), (2048, 128, 512), (2048, 1024, 128),
        (2048, 1152, 384), (2048, 384, 384), (2048, 1536, 384), (2048, 384, 1536), (2048, 4096, 384), (512, 32768, 384),
        (256, 2304, 768), (256, 768, 768), (256, 3072, 768), (256, 768, 3072), (256, 50257, 768),
        (1024, 2304, 768), (1024, 768, 768), (1024, 3072, 768), (1024, 768, 3072),
    ];

    /// <summary>Prints one line a layer: y = x·Wᵀ, dx = dy·W, dW += dyᵀ·x.</summary>
    public static void Run(int threads)
    {
        using var pool = new WorkerPool(threads);
        long most = s_layers.Max(layer => Math.Max((long)layer.Rows * layer.Outputs, (long)layer.Outputs * layer.Inputs));
        using var x = KernelMemory.Filled(most);
        using var weight = KernelMemory.Filled(most);
        using var y = KernelMemory.Filled(most);
        Console.WriteLine($"{"rows",6} {"outputs",8} {"inputs",7} | forward       | input gradient | weight gradient  (GFLOP/s, share of peak)");
        foreach ((int rows, int outputs, int inputs) in s_layers)
        {
            double flops = 2.0 * rows * outputs * inputs;
            string forward = Rate(pool, flops, () => MatMul.Run(
                pool, rows, outputs, inputs, MatrixView<float>.Rows(x.Pointer, inputs), MatrixView<float>.Transposed(weight.Pointer, inputs),
                y.Pointer, outputs, accumulate: false));
            string inputGradient = Rate(pool, flops, () => MatMul.Run(
                pool, rows, inputs, outputs, MatrixView<float>.Rows(x.Pointer, outputs), MatrixView<float>.Rows(weight.Pointer, inputs),
                y.Pointer, inputs, accumulate: false));
            string weightGradient = Rate(pool, flops, () => MatMul.WeightGradient(
                pool, rows, outputs, inputs, MatrixView<float>.Rows(x.Pointer, outputs), MatrixView<float>.Rows(y.Pointer, inputs), weight.Pointer, null));
            Console.WriteLine($"{rows,6} {outputs,8} {inputs,7} | {forward} | {inputGradient}  | {weightGradient}");
        }
    }

    private static string Rate(WorkerPool pool, double flops, Action product)
    {
        product();
        long once = Stopwatch.GetTimestamp();
        product();
        int repetitions = (int)Math.Clamp(SecondsPerSample / Stopwatch.GetElapsedTime(once).TotalSeconds, 1, 1000);
        var rates = new double[Rounds];
        var shares = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            double peak = PeakRate.Measure(pool);
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++)
            {
                product();
            }

            rates[round] = flops * repetitions / Stopwatch.GetElapsedTime(started).TotalSeconds / 1e9;
            shares[round] = rates[round] / ((peak + PeakRate.Measure(pool)) / 2);
        }

        return $"{Median(rates),6:F1}  {Median(shares),5:F2}";
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
