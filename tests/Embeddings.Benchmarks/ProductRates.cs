using System.Diagnostics;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Benchmarks;

/// <summary>
/// The rate of every matrix product of the bench variants, in its three forms, as a share of the peak measured beside it; beside BLAS
/// libraries, if any are given, sample by sample in turn.
/// </summary>
internal static unsafe class ProductRates
{
    private const int Rounds = 5;
    private const double SecondsPerSample = 0.03;

    /// <summary>Long enough for the waiting threads of other libraries to stop spinning, which would take a processor from what follows.</summary>
    private const int MillisecondsOfRest = 20;

    /// <summary>Tokens, outputs and inputs of a linear layer.</summary>
    private static readonly (int Rows, int Outputs, int Inputs)[] s_layers =
    [
        (2048, 384, 128), (2048, 128, 128), (2048, 512, 128), (2048, 128, 512), (2048, 1024, 128),
        (2048, 1152, 384), (2048, 384, 384), (2048, 1536, 384), (2048, 384, 1536), (2048, 4096, 384), (512, 32768, 384),
        (256, 2304, 768), (256, 768, 768), (256, 3072, 768), (256, 768, 3072), (256, 50257, 768),
        (1024, 2304, 768), (1024, 768, 768), (1024, 3072, 768), (1024, 768, 3072),
    ];

    private delegate void Product(BlasLibrary? library);

    /// <summary>Prints one line a layer and library: y = x·Wᵀ, dx = dy·W, dW += dyᵀ·x.</summary>
    /// <param name="threads">Threads of the products here; 0 takes one per processor.</param>
    /// <param name="libraries">Libraries to time beside them.</param>
    /// <param name="layers">Layers as TOKENSxOUTPUTSxINPUTS; none takes all those of the bench variants.</param>
    public static void Run(int threads, IReadOnlyList<BlasLibrary> libraries, IReadOnlyList<string> layers)
    {
        (int Rows, int Outputs, int Inputs)[] chosen = layers.Count == 0 ? s_layers : [.. layers.Select(Parse)];
        using var pool = new WorkerPool(threads);
        long most = chosen.Max(layer => Math.Max((long)layer.Rows * layer.Outputs, (long)layer.Outputs * layer.Inputs));
        using var x = KernelMemory.Filled(most);
        using var weight = KernelMemory.Filled(most);
        using var y = KernelMemory.Filled(most);
        BlasLibrary?[] all = [null, .. libraries];
        var logarithms = new double[all.Length];
        double[] worst = [.. all.Select(_ => double.PositiveInfinity)];
        Console.WriteLine("| tokens × outputs × inputs | by | forward | input gradient | weight gradient |   (GFLOP/s, share of the peak)");
        Console.WriteLine("|---|---|---:|---:|---:|");
        foreach ((int rows, int outputs, int inputs) in chosen)
        {
            Product[] forms =
            [
                library => Forward(pool, library, rows, outputs, inputs, x.Pointer, weight.Pointer, y.Pointer),
                library => InputGradient(pool, library, rows, outputs, inputs, x.Pointer, weight.Pointer, y.Pointer),
                library => WeightGradient(pool, library, rows, outputs, inputs, x.Pointer, y.Pointer, weight.Pointer),
            ];
            (double Rate, double Share)[][] rates = [.. forms.Select(form => Rates(pool, 2.0 * rows * outputs * inputs, form, all))];
            for (int i = 0; i < all.Length; i++)
            {
                string cells = string.Join(" | ", rates.Select(form => $"{form[i].Rate:F0}, {form[i].Share:F2}"));
                Console.WriteLine($"| {rows} × {outputs} × {inputs} | {all[i]?.Name ?? "this"} | {cells} |");
                foreach ((double Rate, double Share)[] form in rates)
                {
                    double ratio = form[0].Rate / form[i].Rate;
                    logarithms[i] += Math.Log(ratio);
                    worst[i] = Math.Min(worst[i], ratio);
                }
            }
        }

        for (int i = 1; i < all.Length; i++)
        {
            Console.WriteLine($"against {all[i]!.Name}: {Math.Exp(logarithms[i] / (3 * chosen.Length)):F2} times as fast (geometric mean), at least {worst[i]:F2}");
        }
    }

    /// <summary>Whether an argument names a layer.</summary>
    public static bool IsLayer(string argument) => argument.Split('x') is { Length: 3 } sizes && sizes.All(size => int.TryParse(size, out _));

    private static (int Rows, int Outputs, int Inputs) Parse(string layer)
    {
        int[] sizes = [.. layer.Split('x').Select(int.Parse)];
        return (sizes[0], sizes[1], sizes[2]);
    }

    private static void Forward(WorkerPool pool, BlasLibrary? library, int rows, int outputs, int inputs, float* x, float* weight, float* y)
    {
        if (library is null)
        {
            MatMul.Run(
                pool, rows, outputs, inputs, MatrixView<float>.Rows(x, inputs), MatrixView<float>.Transposed(weight, inputs), y, outputs,
                accumulate: false);
            return;
        }

        library.Forward(rows, outputs, inputs, x, weight, y);
    }

    private static void InputGradient(WorkerPool pool, BlasLibrary? library, int rows, int outputs, int inputs, float* dy, float* weight, float* dx)
    {
        if (library is null)
        {
            MatMul.Run(
                pool, rows, inputs, outputs, MatrixView<float>.Rows(dy, outputs), MatrixView<float>.Rows(weight, inputs), dx, inputs,
                accumulate: false);
            return;
        }

        library.InputGradient(rows, outputs, inputs, dy, weight, dx);
    }

    private static void WeightGradient(WorkerPool pool, BlasLibrary? library, int rows, int outputs, int inputs, float* dy, float* x, float* dweight)
    {
        if (library is null)
        {
            MatMul.WeightGradient(
                pool, rows, outputs, inputs, MatrixView<float>.Rows(dy, outputs), MatrixView<float>.Rows(x, inputs), dweight, null);
            return;
        }

        library.WeightGradient(rows, outputs, inputs, dy, x, dweight);
    }

    /// <summary>Medians of one form's rate and share of the peak, by library.</summary>
    private static (double Rate, double Share)[] Rates(WorkerPool pool, double flops, Product product, BlasLibrary?[] libraries)
    {
        var rates = new double[libraries.Length, Rounds];
        var shares = new double[libraries.Length, Rounds];
        int repetitions = 0;
        for (int round = -1; round < Rounds; round++)
        {
            double peak = 0;
            for (int i = 0; i < libraries.Length; i++)
            {
                if (libraries.Length > 1)
                {
                    Thread.Sleep(MillisecondsOfRest);
                }

                peak = i == 0 ? PeakRate.Measure(pool) : peak;
                product(libraries[i]);
                long started = Stopwatch.GetTimestamp();
                for (int repetition = 0; repetition < Math.Max(1, repetitions); repetition++)
                {
                    product(libraries[i]);
                }

                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                if (round < 0)
                {
                    repetitions = i == 0 ? (int)Math.Clamp(SecondsPerSample / seconds, 1, 1000) : repetitions;
                    continue;
                }

                rates[i, round] = flops * repetitions / seconds / 1e9;
                shares[i, round] = rates[i, round] / peak;
            }
        }

        return [.. Enumerable.Range(0, libraries.Length).Select(i => (Median(rates, i), Median(shares, i)))];
    }

    private static double Median(double[,] values, int row)
    {
        double[] sorted = [.. Enumerable.Range(0, Rounds).Select(round => values[row, round]).Order()];
        return sorted[Rounds / 2];
    }
}
