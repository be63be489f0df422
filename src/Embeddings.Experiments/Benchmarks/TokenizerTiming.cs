namespace Embeddings.Experiments.Benchmarks;

/// <summary>What <c>bench tokenizer --json</c> prints. Rates are medians over rounds, in 10⁶ bytes a second.</summary>
internal sealed record TokenizerTiming
{
    /// <summary>The text.</summary>
    public required string Corpus { get; init; }

    /// <summary>Its bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Entries of the vocabulary that encodes.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>How text is cut.</summary>
    public required PreTokenization Pattern { get; init; }

    /// <summary>Threads of training and of the encoding with several threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Rounds of each timing.</summary>
    public required int Rounds { get; init; }

    /// <summary>Median time of a training, reading the text from its files included.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Shortest and longest training.</summary>
    public required double[] TrainSecondsRange { get; init; }

    /// <summary>Bytes of text over <see cref="TrainSeconds"/>.</summary>
    public required double TrainMegabytesPerSecond { get; init; }

    /// <summary>Encoding on one thread with all words met before.</summary>
    public required double EncodeMegabytesPerSecond { get; init; }

    /// <summary>Slowest and fastest round of it.</summary>
    public required double[] EncodeMegabytesPerSecondRange { get; init; }

    /// <summary>Encoding on one thread by a tokenizer that has met no word; making the tokenizer and its table of merges is not part of it.</summary>
    public required double EncodeColdMegabytesPerSecond { get; init; }

    /// <summary>Slowest and fastest round of it.</summary>
    public required double[] EncodeColdMegabytesPerSecondRange { get; init; }

    /// <summary>Encoding with all threads.</summary>
    public required double EncodeParallelMegabytesPerSecond { get; init; }

    /// <summary>The same work's time with one thread over its time with all.</summary>
    public required double ParallelTimesFaster { get; init; }

    /// <summary>Decoding on one thread.</summary>
    public required double DecodeMegabytesPerSecond { get; init; }

    /// <summary>Cutting into pre-tokens alone, on one thread.</summary>
    public required double SplitMegabytesPerSecond { get; init; }

    /// <summary>Encoding 10⁶, 5·10⁶ and 10⁷ bytes of texts that slow encoders down, so that it shows whether time is linear: one letter again and
    /// again, random bytes, random letters, and the letters of the text as one word, which is shorter where the text is.</summary>
    public required Dictionary<string, double[]> WorstMegabytesPerSecond { get; init; }

    /// <summary>Median time from the saved file to the first token.</summary>
    public required double LoadMilliseconds { get; init; }

    /// <summary>
    /// Time from the given vocabulary's file to the first token, as the first thing that the process does, so that its code is compiled on the
    /// way; null where no vocabulary is given.
    /// </summary>
    public required double? ColdLoadMilliseconds { get; init; }

    /// <summary>Bytes of text a token stands for.</summary>
    public required double BytesPerToken { get; init; }

    /// <summary>Largest memory of the process up to the end of the first training.</summary>
    public required double PeakMemoryMiB { get; init; }

    /// <summary>Other trainers on the same file.</summary>
    public required IReadOnlyList<PeerTraining> Peers { get; init; }
}
