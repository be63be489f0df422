using System.CommandLine;
using Embeddings.Data;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Experiments.Variants;
using Embeddings.Models;

namespace Embeddings.Experiments.Cli;

/// <summary><c>variants</c>: everything that is declared.</summary>
internal static class VariantsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Option<string[]> data = Arguments.Data();
        Option<bool> json = Arguments.Json();
        var command = new Command("variants", "List the declared variants: tokenizer, parameters, work and memory.") { data, json };
        HelpWithExamples.AddExamples(command, "embeddings variants", "embeddings variants --data books/ --json");
        command.SetAction((parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            VariantSummary[] variants = ProgressDisplay.Run(output, quiet: true, line =>
            {
                CorpusSplit text = CorpusSplit.Of(Corpora.Open(parsed.GetValue(data)!, cancellation: cancellation));
                ModelDescription[] models = [.. VariantCatalog.All.Select(variant => variant.Description)];
                IReadOnlyDictionary<TokenizerDescription, double?> lengths = TokenLengths.Of(
                    models.Select(model => model.Tokenizer), text, done => line.Report(done, "measuring tokenizers"), cancellation);
                return models.Select(model => VariantSummary.Of(model, lengths[model.Tokenizer])).ToArray();
            });
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(output, variants);
            }
            else
            {
                Print(variants, output);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static void Print(VariantSummary[] variants, TextWriter output)
    {
        var table = new TextTable("variant", "tokenizer", "input", "output", "body", "FLOP/token", "FLOP/byte", "MiB");
        foreach (VariantSummary variant in variants)
        {
            table.Add(
                variant.Variant,
                variant.Tokenizer,
                VocabularyWords.Count(variant.InputParameters),
                variant.OutputHead == HeadKind.Tied ? "–" : VocabularyWords.Count(variant.OutputParameters),
                VocabularyWords.Count(variant.BodyParameters),
                VocabularyWords.Large(variant.FlopsPerToken),
                variant.FlopsPerByte is { } flops ? VocabularyWords.Large(flops) : "–",
                VocabularyWords.Count(variant.MemoryMiB.Total));
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine(
            "input, output and body count parameters (a tied head has none of its own); FLOP are those of forward and backward; MiB are parameters, gradients, "
            + "AdamW's moments and activations. FLOP/byte is – where the text cannot fill the vocabulary.");
    }
}
