using System.CommandLine;
using Embeddings.Experiments.Checks;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Experiments.Cli;

/// <summary><c>check</c>: whether compiled models are right, on this machine.</summary>
internal static class CheckCommand
{
    /// <summary>Parameters above which a variant is checked only where it is named.</summary>
    private const long SmallParameters = 2_000_000;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var names = new Argument<string[]>("variants")
        {
            Description = $"Variants to check. Default: all of up to {VocabularyWords.Count(SmallParameters)} parameters.",
            HelpName = "variant",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.CompletionSources.Add(_ => VariantCatalog.All.Select(variant => variant.Name));
        Option<string> device = DeviceChoice.Option();
        Option<string?> precision = DeviceChoice.Precision();
        Option<bool> json = Arguments.Json();
        var command = new Command(
            "check", "Check gradients against finite differences, that threads and resuming change no bit, and a device against the processor.")
        {
            names, device, precision, json,
        };
        HelpWithExamples.AddExamples(command, "embeddings check", "embeddings check Baseline BaselineComposed --json");
        command.SetAction((parsed, cancellation) =>
        {
            string[] wanted = parsed.GetValue(names) ?? [];
            Variant[] variants = wanted.Length > 0
                ? [.. wanted.Select(VariantCatalog.Find).Distinct()]
                : [.. VariantCatalog.All.Where(variant => variant.Description.ParameterCount <= SmallParameters)];
            using DeviceChoice chosen = DeviceChoice.Of(parsed.GetValue(device)!, parsed.GetValue(precision), variants);
            TextWriter output = parsed.InvocationConfiguration.Output;
            bool asJson = parsed.GetValue(json);
            List<CheckResult> results = ProgressDisplay.Run(output, asJson, line =>
            {
                line.Line(chosen.Sentence);
                return Run(variants, chosen.Device, line, cancellation);
            });
            if (asJson)
            {
                JsonOutput.Write(output, results);
            }
            else
            {
                Print(results, output);
            }

            int failed = results.Count(result => result.Passed == false);
            return failed == 0
                ? Task.FromResult(0)
                : throw new UserError($"{failed} of {results.Count} checks failed: {string.Join(", ", Failures(results))}.");
        });
        return command;
    }

    private static List<CheckResult> Run(Variant[] variants, ModelDevice device, IProgressLine line, CancellationToken cancellation)
    {
        var results = new List<CheckResult>();
        double all = variants.Length * ModelChecks.Count;
        foreach (Variant variant in variants)
        {
            results.AddRange(ModelChecks.Run(variant, device, check => line.Report(results.Count / all, $"{variant.Name}: {check}"), cancellation));
        }

        return results;
    }

    private static IEnumerable<string> Failures(List<CheckResult> results) =>
        results.Where(result => result.Passed == false).Select(result => $"{result.Check} of {result.Variant}");

    private static void Print(List<CheckResult> results, TextWriter output)
    {
        var table = new TextTable("variant", "check", "result", "seconds", "found");
        foreach (CheckResult result in results)
        {
            string passed = result.Passed switch { true => "passed", false => "FAILED", null => "left out" };
            table.Add(result.Variant, result.Check, passed, VocabularyWords.Number(result.Seconds, 1), result.Detail);
        }

        table.Write(output);
    }
}
