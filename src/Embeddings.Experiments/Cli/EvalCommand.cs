using System.CommandLine;
using Embeddings.Data;
using Embeddings.Evaluation;
using Embeddings.Experiments.Reports;
using Embeddings.Training;

namespace Embeddings.Experiments.Cli;

/// <summary><c>eval</c>: bits per byte of a checkpoint.</summary>
internal static class EvalCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> checkpoint = Arguments.Checkpoint();
        var data = new Option<string[]>("--data")
        {
            Description = "Text to measure on, as for 'train'. Default: the text that the run held out.",
            HelpName = "path",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        Option<long?> bytes = Arguments.Amount("--bytes", "Measure on at most so much of it. Default: all.");
        Option<string?> tokenizer = Arguments.TokenizerOption("The tokenizer of the checkpoint. Default: the one that stands beside it.");
        SideTokenizers side = Arguments.SideTokenizers("the one that stands beside the checkpoint.");
        Option<string> device = DeviceChoice.Option();
        Option<string?> precision = DeviceChoice.Precision();
        Option<int> threads = Arguments.Threads();
        Option<bool> json = Arguments.Json();
        var command = new Command("eval", "Measure a checkpoint: bits per byte on text it was not trained on.")
        {
            checkpoint, data, bytes, tokenizer, device, precision, threads, json,
        };
        side.AddTo(command);
        HelpWithExamples.AddExamples(
            command, "embeddings eval runs/Baseline-seed1", "embeddings eval runs/Baseline-seed1/checkpoint.safetensors --data letters.txt --json");
        command.SetAction((parsed, cancellation) =>
        {
            string path = parsed.GetValue(checkpoint)!;
            using DeviceChoice chosen = DeviceChoice.Of(parsed.GetValue(device)!, parsed.GetValue(precision), TrainedModel.VariantOf(path));
            using TrainedModel trained = TrainedModel.Open(path, side.Paths(parsed, parsed.GetValue(tokenizer)), parsed.GetValue(threads), null, chosen.Device);
            TextWriter output = parsed.InvocationConfiguration.Output;
            Measurement measured = ProgressDisplay.Run(output, parsed.GetValue(json), line =>
            {
                line.Line(chosen.Sentence);
                line.Line("Reading text.");
                (Corpus corpus, string what) = Text(trained, parsed.GetValue(data)!, cancellation);
                line.Line($"Measuring on {what}.");
                EvaluationResult result = BitsPerByte.Measure(
                    trained.Model, trained.Tokenizers.Aligned, corpus, parsed.GetValue(bytes), cancellation);
                return new Measurement(
                    trained.Variant.Name, trained.Info.Step, what, result.BitsPerByte, result.NatsPerToken, result.BytesPerToken, result.Bytes, result.Tokens);
            });
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(output, measured);
            }
            else
            {
                Print(measured, output);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>
    /// The text to measure on: what the run held out, where nothing else is named or what is named is what it was trained on; otherwise
    /// all that is named.
    /// </summary>
    private static (Corpus Corpus, string What) Text(TrainedModel trained, string[] named, CancellationToken cancellation)
    {
        RunRecord? run = trained.Run;
        if (named.Length == 0 && run is null)
        {
            throw new UserError($"Beside '{trained.Path}' stands no {RunRecord.FileName} that tells what its run held out; say what to measure on with --data.");
        }

        Corpus corpus = Corpora.Open(named.Length > 0 ? named : [.. run!.Data.Sources ?? []], cancellation: cancellation);
        CorpusSplit? split = corpus.Documents.Sum(document => document.Bytes.Length) > 1 ? CorpusSplit.Of(corpus) : null;
        if (split?.Training.Hash == trained.Info.Identity.TrainingData)
        {
            Corpus held = run is null ? split.Validation : split.Validation.Take(run.Data.ValidationBytes);
            return (held, $"the part of {corpus.Name} that the run held out");
        }

        return named.Length > 0
            ? (corpus, $"all of {corpus.Name}")
            : throw new UserError("The text that the run was trained on is not the same any more; say what to measure on with --data.");
    }

    private static void Print(Measurement measured, TextWriter output)
    {
        var table = new TextTable("", "");
        table.Add("variant", $"{measured.Variant}, step {VocabularyWords.Count(measured.Step)}");
        table.Add("text", measured.Text);
        table.Add("bits per byte", VocabularyWords.Number(measured.BitsPerByte));
        table.Add("nats per token", VocabularyWords.Number(measured.NatsPerToken));
        table.Add("bytes per token", VocabularyWords.Number(measured.BytesPerToken, 3));
        table.Add("bytes", VocabularyWords.Count(measured.Bytes));
        table.Add("tokens", VocabularyWords.Count(measured.Tokens));
        table.Write(output);
    }

    private sealed record Measurement(
        string Variant, long Step, string Text, double BitsPerByte, double NatsPerToken, double BytesPerToken, long Bytes, long Tokens);
}
