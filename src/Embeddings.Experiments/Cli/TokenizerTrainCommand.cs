using System.CommandLine;
using System.Diagnostics;
using Embeddings.Checkpoints;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Reports;
using Embeddings.Experiments.Tokenizers;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Cli;

/// <summary><c>tokenizer train</c>: byte-level BPE from text, which is read once and never held whole.</summary>
internal static class TokenizerTrainCommand
{
    private const string KeptSuffix = ".training";

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Option<int> size = Arguments.Whole("--size", "Entries in all: the 256 bytes, the merges and the special tokens.", 4096, smallest: 256, "count");
        Option<Choice<PreTokenization>> pattern = Arguments.Choice("--pattern", "How text is cut before merges apply.", PreTokenization.Cl100k);
        Option<string[]> data = Arguments.Data();
        var special = new Option<string[]>("--special")
        {
            Description = "Special tokens; their ids follow all others.",
            HelpName = "text",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        Option<int> threads = Arguments.Threads();
        var file = new Option<string>("--out") { Description = "The tokenizer.json to write or replace.", HelpName = "file", Required = true };
        Option<bool> json = Arguments.Json();
        var command = new Command(
            "train",
            "Learn a byte-level BPE tokenizer from text. When it is stopped, what was done is kept beside the output and the same command goes on.")
        {
            size, pattern, data, special, threads, file, json,
        };
        HelpWithExamples.AddExamples(
            command, "embeddings tokenizer train --size 8192 --out tokenizer.json", "embeddings tokenizer train --pattern gpt2 --data books/ --out books.json");
        command.SetAction((parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            bool asJson = parsed.GetValue(json);
            TrainedTokenizer trained = ProgressDisplay.Run(output, asJson, line => Train(
                NamedText.Open(parsed.GetValue(data)!, cancellation),
                parsed.GetValue(size),
                Splitter.Of(parsed.GetValue(pattern).Value),
                parsed.GetValue(special)!,
                parsed.GetValue(threads),
                Path.GetFullPath(parsed.GetValue(file)!),
                line,
                cancellation));
            if (asJson)
            {
                JsonOutput.Write(output, trained);
            }
            else
            {
                output.WriteLine(
                    $"{VocabularyWords.Count(trained.VocabularySize)} entries from {VocabularyWords.Count(trained.Bytes)} bytes in "
                        + $"{VocabularyWords.Duration(trained.Seconds)} with at most {VocabularyWords.Number(trained.PeakMemoryMiB, 0)} MiB, written to {trained.File}");
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static TrainedTokenizer Train(
        NamedText text, int size, Splitter splitter, string[] special, int threads, string target, IProgressLine line, CancellationToken cancellation)
    {
        AtomicFile.CreateFolder(Path.GetDirectoryName(target)!);
        if (Array.Exists(special, string.IsNullOrEmpty) || special.Distinct().Count() < special.Length)
        {
            throw new UserError("A special token is empty or stands twice; give each its own text.");
        }

        foreach (string notice in text.Notices)
        {
            line.Line(notice);
        }

        var clock = Stopwatch.StartNew();
        var training = new BytePairTraining(text.Text, size - special.Length, splitter)
        {
            Threads = threads,
            KeptFile = target + KeptSuffix,
            Progress = new ProgressLine(line, clock),
        };
        line.Line($"Training on {text.Name}.");
        BytePairTokenizer tokenizer;
        try
        {
            tokenizer = training.Run(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException($"Stopped; what was done is kept in '{training.KeptFile}' and the same command goes on from here.");
        }

        if (tokenizer.VocabularySize == size - special.Length)
        {
            tokenizer = tokenizer.WithSpecialTokens(special);
            TokenizerFile.Save(target, tokenizer);
        }

        File.Delete(training.KeptFile);
        BytePairTrainer.CheckFull(tokenizer, size);
        double seconds = clock.Elapsed.TotalSeconds;
        return new TrainedTokenizer(
            target, tokenizer.VocabularySize, tokenizer.Identity, text.Name, training.Bytes, training.WentOn, seconds,
            training.Bytes / 1e6 / seconds, ProcessFacts.PeakMemoryMiB());
    }

    /// <summary>What <c>--json</c> prints.</summary>
    /// <param name="File">The tokenizer.</param>
    /// <param name="VocabularySize">Its entries.</param>
    /// <param name="Identity">Hash of all that decides how it encodes.</param>
    /// <param name="Corpus">The text.</param>
    /// <param name="Bytes">Its bytes.</param>
    /// <param name="WentOn">Whether kept work was gone on with.</param>
    /// <param name="Seconds">From the first byte read to the file.</param>
    /// <param name="MegabytesPerSecond">10⁶ bytes of text a second.</param>
    /// <param name="PeakMemoryMiB">Largest memory of the process.</param>
    private sealed record TrainedTokenizer(
        string File,
        int VocabularySize,
        string Identity,
        string Corpus,
        long Bytes,
        bool WentOn,
        double Seconds,
        double MegabytesPerSecond,
        double PeakMemoryMiB);

    private sealed class ProgressLine(IProgressLine line, Stopwatch clock) : IProgress<TokenizerTrainingProgress>
    {
        public void Report(TokenizerTrainingProgress value)
        {
            double left = value.Fraction > 0 ? clock.Elapsed.TotalSeconds * (1 / value.Fraction - 1) : double.NaN;
            string what = value.Entries == 0
                ? $"counting words, {VocabularyWords.Large(value.Bytes / Math.Max(1e-3, clock.Elapsed.TotalSeconds))}B/s"
                : $"merging, {VocabularyWords.Count(value.Entries)} entries";
            line.Report(value.Fraction, double.IsNaN(left) ? what : $"{what}, {VocabularyWords.Duration(Math.Round(left))} left");
        }
    }
}
