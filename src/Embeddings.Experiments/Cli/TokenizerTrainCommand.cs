using System.CommandLine;
using System.Diagnostics;
using Embeddings.Data;
using Embeddings.Experiments.Reports;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer train</c>: byte-level BPE from text.</summary>
internal static class TokenizerTrainCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Option<int> size = Arguments.Whole("--size", "Entries in all: the 256 bytes and the merges.", 4096, smallest: 256, "count");
        Option<PreTokenization> pattern = Arguments.Choice("--pattern", "How text is cut before merges apply.", PreTokenization.Cl100k);
        Option<string[]> data = Arguments.Data();
        var file = new Option<string>("--out") { Description = "The tokenizer.json to write or replace.", HelpName = "file", Required = true };
        var command = new Command("train", "Learn a byte-level BPE tokenizer from text.") { size, pattern, data, file };
        HelpWithExamples.AddExamples(
            command, "embeddings tokenizer train --size 8192 --out tokenizer.json", "embeddings tokenizer train --pattern gpt2 --data books/ --out books.json");
        command.SetAction((parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            string target = parsed.GetValue(file)!;
            var clock = new Stopwatch();
            BytePairTokenizer tokenizer = ProgressDisplay.Run(output, quiet: false, line =>
            {
                line.Line("Reading text.");
                Corpus corpus = Corpora.Open(parsed.GetValue(data)!, cancellation: cancellation);
                line.Line($"Training on {VocabularyWords.Count(corpus.Bytes)} bytes of {corpus.Name}.");
                clock.Start();
                return BytePairTrainer.Train(
                    corpus.Documents.Select(document => document.Bytes),
                    parsed.GetValue(size),
                    parsed.GetValue(pattern),
                    new ProgressShare(done => line.Report(done, "training a tokenizer")),
                    cancellation);
            });
            double seconds = clock.Elapsed.TotalSeconds;
            TokenizerFile.Save(target, tokenizer);
            output.WriteLine(
                $"{VocabularyWords.Count(tokenizer.VocabularySize)} entries in {VocabularyWords.Duration(seconds)}, written to {Path.GetFullPath(target)}");
            return Task.FromResult(0);
        });
        return command;
    }

    private sealed class ProgressShare(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
