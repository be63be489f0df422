using System.CommandLine;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Experiments.Cli;

/// <summary><c>bench step</c>: the whole training step of a variant.</summary>
internal static class BenchStepCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Option<string> variant = Arguments.BenchVariant();
        Option<string> device = DeviceChoice.Option();
        Option<string?> precision = DeviceChoice.Precision();
        Option<int> threads = Arguments.Threads();
        Option<int?> batch = Arguments.Count("--batch", "Sequences in a pass. Default: what the variant declares.");
        Option<int?> steps = Arguments.Count("--steps", "Steps to time. Default: as many as --seconds hold, at least 3.");
        Option<double> seconds = Arguments.Positive("--seconds", "How long to time.", 5, "seconds");
        var profile = new Option<bool>("--profile") { Description = "Also tell the time of every kernel. Only on the processor." };
        Option<bool> json = Arguments.Json();
        var command = new Command("step", "Time the training step of a variant on random tokens: forward, backward and AdamW.")
        {
            variant, device, precision, threads, batch, steps, seconds, profile, json,
        };
        HelpWithExamples.AddExamples(
            command,
            "embeddings bench step",
            "embeddings bench step --variant BenchTiny --threads 1 --seconds 10",
            "embeddings bench step --variant BenchSmall --profile",
            "embeddings bench step --variant Gpt2Small --steps 5 --json");
        command.SetAction((parsed, cancellation) =>
        {
            Variant chosen = VariantCatalog.Find(parsed.GetValue(variant)!);
            using DeviceChoice where = DeviceChoice.Of(parsed.GetValue(device)!, parsed.GetValue(precision), chosen);
            if (parsed.GetValue(profile) && where.Device.Cuda is not null)
            {
                throw new UserError("--profile tells the kernels of the processor; leave it away, or give --device cpu.");
            }

            var options = new StepBenchmarkOptions
            {
                Threads = parsed.GetValue(threads),
                Batch = parsed.GetValue(batch),
                Steps = parsed.GetValue(steps),
                Seconds = parsed.GetValue(seconds),
                Profile = parsed.GetValue(profile),
            };
            TextWriter output = parsed.InvocationConfiguration.Output;
            StepTiming timing = ProgressDisplay.Run(
                output,
                quiet: parsed.GetValue(json),
                line =>
                {
                    line.Line(where.Sentence);
                    return StepBenchmark.Run(chosen, where.Device, options, done => line.Report(done, "timing " + chosen.Name), cancellation);
                });
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(output, timing);
            }
            else
            {
                Print(timing, output);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static void Print(StepTiming timing, TextWriter output)
    {
        var table = new TextTable("", "");
        table.Add("variant", timing.Variant);
        table.Add("device", timing.Device);
        table.Add("threads", $"{timing.Threads}");
        table.Add("tokens in a pass", $"{timing.Batch} x {timing.Context}");
        table.Add("steps timed", $"{timing.Steps}");
        table.Add("tokens a second", VocabularyWords.Count(timing.TokensPerSecond));
        table.Add("milliseconds a step", VocabularyWords.Number(timing.MillisecondsPerStep, 2));
        table.Add("GFLOP/s", VocabularyWords.Number(timing.Gflops, 1));
        table.Add(timing.VectorBits > 0 ? $"peak GFLOP/s ({timing.VectorBits}-bit multiply-add)" : "peak GFLOP/s (square matrix product)", VocabularyWords.Number(timing.PeakGflops, 1));
        table.Add("fraction of the peak", VocabularyWords.Number(timing.PeakFraction, 3));
        table.Add("peak memory", $"{VocabularyWords.Number(timing.PeakMemoryMiB, 0)} MiB");
        table.Add("allocated a step", $"{VocabularyWords.Count(timing.AllocatedBytesPerStep)} bytes");
        table.Add("start to first step", $"{VocabularyWords.Number(timing.StartupSeconds, 2)} s");
        table.Write(output);
        if (timing.Kernels is { } kernels)
        {
            output.WriteLine();
            Print(kernels, output);
        }
    }

    private static void Print(IReadOnlyList<KernelTiming> kernels, TextWriter output)
    {
        var table = new TextTable("kernel", "tiles", "runs a step", "ms a step", "share");
        foreach (KernelTiming kernel in kernels)
        {
            table.Add(
                kernel.Kernel, kernel.Tiles > 0 ? VocabularyWords.Count(kernel.Tiles) : "", VocabularyWords.Number(kernel.RunsPerStep, 1),
                VocabularyWords.Number(kernel.MillisecondsPerStep, 3), VocabularyWords.Number(kernel.Share, 3));
        }

        table.Write(output);
    }
}
