using System.Diagnostics;
using Embeddings.Data;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>Times the training of a tokenizer and all that it does then.</summary>
internal static class TokenizerBenchmark
{
    private const int WorstBytes = 10_000_000;

    private static readonly double[] s_worstShares = [0.1, 0.5, 1];

    /// <summary>Runs all timings.</summary>
    /// <param name="data">Files and folders, read anew by each training; none for the default corpus, which is held in memory.</param>
    /// <param name="vocabularySize">Entries.</param>
    /// <param name="pattern">How text is cut.</param>
    /// <param name="vocabulary">A tokenizer's file, which encodes in place of the one that is trained; null for that one.</param>
    /// <param name="threads">Threads; 0 for one per processor.</param>
    /// <param name="rounds">Rounds of each timing.</param>
    /// <param name="peers">Commands of other trainers, as <see cref="PeerTraining.Run"/> takes them; they read the one file of <paramref name="data"/>.</param>
    /// <param name="report">Receives the share done and what is being timed.</param>
    /// <param name="cancellation">Stops between two rounds.</param>
    public static TokenizerTiming Run(
        string[] data, int vocabularySize, PreTokenization pattern, string? vocabulary, int threads, int rounds, string[] peers,
        Action<double, string> report, CancellationToken cancellation)
    {
        if (peers.Length > 0 && (data.Length != 1 || !File.Exists(data[0])))
        {
            throw new UserError("Peers read one text file; give it with --data.");
        }

        double? coldLoad = vocabulary is null ? null : 1000 * LoadTime(vocabulary);
        threads = threads > 0 ? threads : Environment.ProcessorCount;
        bool isStreamed = data.Length > 0 && data.All(path => File.Exists(path) || Directory.Exists(path));
        Corpus? corpus = isStreamed ? null : Corpora.Open(data, cancellation: cancellation);
        BytePairTokenizer tokenizer = null!;
        double peak = 0;
        double[] training = Times(rounds, "training", () =>
        {
            tokenizer = BytePairTrainer.Train(
                corpus is null ? TrainingText.OfFiles(data) : TrainingText.Of(corpus.Documents.Select(document => document.Bytes)),
                vocabularySize, Splitter.Of(pattern), threads, null, cancellation);
            peak = peak > 0 ? peak : ProcessFacts.PeakMemoryMiB();
        });
        PeerTraining[] beside = [.. peers.Select(peer =>
        {
            report(0, "training by a peer");
            return PeerTraining.Run(peer, data[0], vocabularySize, threads, Median(training), cancellation);
        })];
        string file = vocabulary ?? Saved(tokenizer);
        BytePairTokenizer Fresh() => Load(file, pattern);
        tokenizer = Fresh();
        corpus ??= Corpora.Open(data, cancellation: cancellation);
        ReadOnlyMemory<byte>[] documents = [.. corpus.Documents.Select(document => document.Bytes)];
        int[] ids = new int[Math.Max(documents.Max(document => document.Length), WorstBytes)];
        BytePairTokenizer[] fresh = [.. Enumerable.Range(0, rounds).Select(_ => Fresh())];
        int used = 0;
        Array.ForEach(fresh, each => each.MakeMerges());
        double[] cold = Times(rounds, "encoding without a cache", () => EncodeAll(fresh[used++], documents, ids));
        double[] warm = Times(rounds, "encoding", () => EncodeAll(tokenizer, documents, ids), isWarmedUp: true);
        double[] alone = Times(rounds, "encoding with one of the threads", () => ParallelEncoding.Encode(tokenizer, documents, 1, cancellation), isWarmedUp: true);
        double[] parallel = Times(rounds, "encoding with all threads", () => ParallelEncoding.Encode(tokenizer, documents, threads, cancellation), isWarmedUp: true);
        int[][] encoded = ParallelEncoding.Encode(tokenizer, documents, threads, cancellation);
        byte[] decoded = new byte[documents.Max(document => document.Length)];
        double[] decoding = Times(rounds, "decoding", () => Array.ForEach(encoded, document => tokenizer.Decode(document, decoded)), isWarmedUp: true);
        var sink = new NoSink();
        double[] splitting = Times(
            rounds, "splitting", () => Array.ForEach(documents, document => tokenizer.Splitter.Split(document.Span, sink)), isWarmedUp: true);
        Dictionary<string, double[]> worst = WorstTexts(documents).ToDictionary(text => text.Name, text => s_worstShares.Select(share =>
        {
            int length = (int)(share * text.Bytes.Length);
            return length / 1e6 / Median(Times(Math.Min(rounds, 3), text.Name, () => tokenizer.Encode(text.Bytes.AsSpan(0, length), ids)));
        }).ToArray());
        var timing = new TokenizerTiming
        {
            Corpus = corpus.Name,
            Bytes = corpus.Bytes,
            VocabularySize = tokenizer.VocabularySize,
            Pattern = pattern,
            Threads = threads,
            Rounds = rounds,
            TrainSeconds = Median(training),
            TrainSecondsRange = [training.Min(), training.Max()],
            TrainMegabytesPerSecond = Rate(training),
            EncodeMegabytesPerSecond = Rate(warm),
            EncodeMegabytesPerSecondRange = [corpus.Bytes / 1e6 / warm.Max(), corpus.Bytes / 1e6 / warm.Min()],
            EncodeColdMegabytesPerSecond = Rate(cold),
            EncodeColdMegabytesPerSecondRange = [corpus.Bytes / 1e6 / cold.Max(), corpus.Bytes / 1e6 / cold.Min()],
            EncodeParallelMegabytesPerSecond = Rate(parallel),
            ParallelTimesFaster = Median(alone) / Median(parallel),
            DecodeMegabytesPerSecond = Rate(decoding),
            SplitMegabytesPerSecond = Rate(splitting),
            WorstMegabytesPerSecond = worst,
            LoadMilliseconds = 1000 * Median([.. Enumerable.Range(0, rounds).Select(_ => LoadTime(file))]),
            ColdLoadMilliseconds = coldLoad,
            BytesPerToken = (double)corpus.Bytes / encoded.Sum(document => (long)document.Length),
            PeakMemoryMiB = peak,
            Peers = beside,
        };
        if (vocabulary is null)
        {
            File.Delete(file);
        }

        return timing;

        double Rate(double[] seconds) => corpus.Bytes / 1e6 / Median(seconds);

        double[] Times(int count, string what, Action action, bool isWarmedUp = false)
        {
            var seconds = new double[count];
            for (int i = isWarmedUp ? -1 : 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                report(Math.Max(0, i) / (double)count, what);
                long start = Stopwatch.GetTimestamp();
                action();
                seconds[Math.Max(0, i)] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            return seconds;
        }
    }

    private static void EncodeAll(BytePairTokenizer tokenizer, ReadOnlyMemory<byte>[] documents, int[] ids)
    {
        foreach (ReadOnlyMemory<byte> document in documents)
        {
            tokenizer.Encode(document.Span, ids);
        }
    }

    /// <summary>Texts that slow encoders down.</summary>
    private static IEnumerable<(string Name, byte[] Bytes)> WorstTexts(ReadOnlyMemory<byte>[] documents)
    {
        byte[] letter = new byte[WorstBytes];
        Array.Fill(letter, (byte)'a');
        yield return ("one letter", letter);
        var random = new Random(1);
        byte[] bytes = new byte[WorstBytes];
        random.NextBytes(bytes);
        yield return ("random bytes", bytes);
        yield return ("random letters", [.. Enumerable.Range(0, WorstBytes).Select(_ => (byte)random.Next('a', 'z' + 1))]);
        yield return ("one word", [.. documents.SelectMany(document => document.ToArray()).Where(value => Scan.IsAsciiLetter(value)).Take(WorstBytes)]);
    }

    private static string Saved(BytePairTokenizer tokenizer)
    {
        string file = Path.GetTempFileName();
        TokenizerFile.SaveRanks(file, tokenizer);
        return file;
    }

    private static BytePairTokenizer Load(string file, PreTokenization pattern) => TokenizerFile.Load(file, Splitter.Of(pattern)) as BytePairTokenizer
        ?? throw new UserError($"'{file}' is not a vocabulary of byte pairs; give one.");

    /// <summary>From a file to the first tokens, of words that are tokens and of one that must be merged.</summary>
    private static double LoadTime(string file)
    {
        long start = Stopwatch.GetTimestamp();
        TokenizerFile.Load(file).Encode("first words, antidisestablishmentarianistically"u8, new int[64]);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private sealed class NoSink : PreTokenSink
    {
        public override void Take(ReadOnlySpan<byte> document, int start, ReadOnlySpan<int> ends)
        {
        }
    }
}
