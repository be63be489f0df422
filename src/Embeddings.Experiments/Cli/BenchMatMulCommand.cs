using System.CommandLine;
using System.Globalization;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Experiments.Cli;

/// <summary><c>bench matmul</c>: the matrix products of a variant's layers.</summary>
internal static class BenchMatMulCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Option<string> variant = Arguments.BenchVariant();
        Option<int> threads = Arguments.Threads();
        Option<int?> batch = Arguments.Count("--batch", "Sequences in a pass. Default: what the variant declares.");
        Option<double> seconds = Arguments.Positive("--seconds", "How long to time, about.", 10, "seconds");
        Option<bool> json = Arguments.Json();
        var command = new Command("matmul", "Time the matrix products of a variant: forward, gradient of the input, gradient of the weight.")
        {
            variant, threads, batch, seconds, json,
        };
        HelpWithExamples.AddExamples(
            command, "embeddings bench matmul", "embeddings bench matmul --variant Gpt2Small --threads 1 --json");
        command.SetAction((parsed, cancellation) =>
        {
            ModelDescription model = VariantCatalog.Find(parsed.GetValue(variant)!).Description;
            TextWriter output = parsed.InvocationConfiguration.Output;
            MatMulTimings timings = ProgressDisplay.Run(output, quiet: parsed.GetValue(json), line => MatMulBenchmark.Run(
                model,
                parsed.GetValue(threads),
                parsed.GetValue(batch) ?? model.Training.BatchSize,
                parsed.GetValue(seconds),
                done => line.Report(done, "timing the products of " + model.Name),
                cancellation));
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(output, timings);
            }
            else
            {
                Print(timings, output);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static void Print(MatMulTimings timings, TextWriter output)
    {
        var table = new TextTable("layer", "product", "copies", "m", "n", "k", "GFLOP/s", "of peak");
        foreach (ProductTiming timing in timings.Products)
        {
            table.Add(
                timing.Layer, Words(timing.Form), Whole(timing.Copies), Whole(timing.M), Whole(timing.N), Whole(timing.K),
                VocabularyWords.Number(timing.Gflops, 1), VocabularyWords.Number(timing.PeakFraction, 3));
        }

        table.Add(
            "all of a step", "", "", "", "", "", VocabularyWords.Number(timings.Gflops, 1), VocabularyWords.Number(timings.PeakFraction, 3));
        table.Write(output);
        output.WriteLine();
        output.WriteLine(
            $"{timings.Threads} threads; peak {VocabularyWords.Number(timings.PeakGflops, 1)} GFLOP/s of {timings.VectorBits}-bit multiply-adds, measured beside each product.");
    }

    private static string Words(ProductForm form) => form switch
    {
        ProductForm.Forward => "forward",
        ProductForm.InputGradient => "input gradient",
        _ => "weight gradient",
    };

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
