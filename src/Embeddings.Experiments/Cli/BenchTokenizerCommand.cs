using System.CommandLine;
using Embeddings.Experiments.Benchmarks;
using Embeddings.Experiments.Reports;

namespace Embeddings.Experiments.Cli;

/// <summary><c>bench tokenizer</c>: training, encoding and decoding.</summary>
internal static class BenchTokenizerCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Option<string[]> data = Arguments.Data();
        Option<int> size = Arguments.Whole("--size", "Entries of the vocabulary that is trained.", 32_768, smallest: 257, "count");
        Option<Choice<PreTokenization>> pattern = Arguments.Choice("--pattern", "How text is cut before merges apply.", PreTokenization.Cl100k);
        Option<string?> vocabulary = Arguments.TokenizerOption(
            "A vocabulary that encodes in place of the one that is trained; loading it is the first thing timed.");
        Option<int> threads = Arguments.Threads();
        Option<int> rounds = Arguments.Whole("--rounds", "Rounds of each timing.", 5, smallest: 1, "count");
        var peers = new Option<string[]>("--peer")
        {
            Description = "Command of another trainer to time on the same file, with {data}, {size} and {threads} where they belong; may be given again.",
            HelpName = "command",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = Arguments.Json();
        var command = new Command("tokenizer", "Time the training of a tokenizer, encoding, decoding and the worst texts.")
        {
            data, size, pattern, vocabulary, threads, rounds, peers, json,
        };
        HelpWithExamples.AddExamples(
            command,
            "embeddings bench tokenizer",
            "embeddings bench tokenizer --data text/ --size 100000 --threads 2 --json",
            "embeddings bench tokenizer --data text.txt --peer \"spm_train --input={data} --model_prefix=m --vocab_size={size} --model_type=bpe --num_threads={threads}\"");
        command.SetAction((parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            TokenizerTiming timing = ProgressDisplay.Run(output, quiet: parsed.GetValue(json), line => TokenizerBenchmark.Run(
                parsed.GetValue(data)!,
                parsed.GetValue(size),
                parsed.GetValue(pattern).Value,
                parsed.GetValue(vocabulary),
                parsed.GetValue(threads),
                parsed.GetValue(rounds),
                parsed.GetValue(peers)!,
                line.Report,
                cancellation));
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

    private static void Print(TokenizerTiming timing, TextWriter output)
    {
        output.WriteLine($"{timing.Corpus}, {VocabularyWords.Count(timing.Bytes)} bytes, {VocabularyWords.Count(timing.VocabularySize)} entries, {timing.Threads} threads");
        var table = new TextTable("", "MB/s");
        void Add(string name, double rate) => table.Add(name, VocabularyWords.Number(rate, 1));
        Add($"training ({VocabularyWords.Number(timing.TrainSeconds, 3)} s)", timing.TrainMegabytesPerSecond);
        Add("encoding, one thread", timing.EncodeMegabytesPerSecond);
        Add("encoding, one thread, no word met before", timing.EncodeColdMegabytesPerSecond);
        Add("encoding, all threads", timing.EncodeParallelMegabytesPerSecond);
        Add("decoding, one thread", timing.DecodeMegabytesPerSecond);
        Add("splitting, one thread", timing.SplitMegabytesPerSecond);
        foreach ((string name, double[] rates) in timing.WorstMegabytesPerSecond)
        {
            Add(name + ", 10 MB", rates[^1]);
        }

        table.Write(output);
        output.WriteLine($"all threads are {VocabularyWords.Number(timing.ParallelTimesFaster, 2)} times as fast as one");
        foreach (PeerTraining peer in timing.Peers)
        {
            output.WriteLine(
                $"{VocabularyWords.Number(peer.Seconds, 2)} s, {VocabularyWords.Number(peer.TimesSlower, 1)} times as long as training here: {peer.Command}");
        }

        if (timing.ColdLoadMilliseconds is { } cold)
        {
            output.WriteLine($"from file to first token {VocabularyWords.Number(cold, 0)} ms as the first thing the process did");
        }

        output.WriteLine(
            $"from file to first token {VocabularyWords.Number(timing.LoadMilliseconds, 0)} ms; at most {VocabularyWords.Number(timing.PeakMemoryMiB, 0)} MiB up to the end of training");
    }
}
