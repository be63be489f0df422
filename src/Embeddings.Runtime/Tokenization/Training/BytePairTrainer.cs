namespace Embeddings.Tokenization;

/// <summary>
/// Learns byte-pair merges (arXiv 1508.07909): repeatedly the most frequent pair of neighbours. Among equals the pair that Hugging Face's
/// trainer takes: the one whose ids come first, where bytes are in the order of their letters (<see cref="ByteLetters"/>) and merges in the
/// order learned. A merge whose bytes equal an earlier token's makes that token's id again.
/// </summary>
public static class BytePairTrainer
{
    /// <summary>Entries that a vocabulary may have.</summary>
    public const int LargestVocabulary = 262_144;

    /// <summary>Learns a tokenizer; its prefixes are the tokenizers of every smaller size.</summary>
    /// <param name="documents">Training text; merges never cross documents.</param>
    /// <param name="vocabularySize">Entries in all, 256 to 262,144.</param>
    /// <param name="pattern">How text is cut.</param>
    /// <param name="progress">Receives the share of the work done.</param>
    /// <param name="cancellation">Stops early.</param>
    /// <exception cref="UserError">The text has too few pairs to fill the vocabulary.</exception>
    public static BytePairTokenizer Train(
        IEnumerable<ReadOnlyMemory<byte>> documents, int vocabularySize, PreTokenization pattern,
        IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Train(TrainingText.Of(documents), vocabularySize, Splitter.Of(pattern), 0, progress, cancellation);

    /// <summary>Learns a tokenizer from any text; the result does not depend on the number of threads.</summary>
    /// <param name="text">Training text.</param>
    /// <param name="vocabularySize">Entries in all, 256 to 262,144.</param>
    /// <param name="splitter">How text is cut.</param>
    /// <param name="threads">Threads that count; 0 for one per processor.</param>
    /// <param name="progress">Receives the share of the work done.</param>
    /// <param name="cancellation">Stops early.</param>
    /// <exception cref="UserError">The text cannot be read, or has too few pairs to fill the vocabulary.</exception>
    public static BytePairTokenizer Train(
        TrainingText text, int vocabularySize, Splitter splitter, int threads = 0,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        BytePairTokenizer tokenizer = TrainAtMost(text, vocabularySize, splitter, threads, progress, cancellation);
        CheckFull(tokenizer, vocabularySize);
        return tokenizer;
    }

    /// <summary>Refuses a tokenizer that its text could not fill.</summary>
    /// <exception cref="UserError">It has fewer entries.</exception>
    public static void CheckFull(BytePairTokenizer tokenizer, int vocabularySize)
    {
        if (tokenizer.VocabularySize < vocabularySize)
        {
            throw new UserError(
                $"The text fills a vocabulary of only {tokenizer.VocabularySize} entries, not {vocabularySize}: give more text or a smaller vocabulary.");
        }
    }

    /// <summary>The same, but a text with too few pairs gives the largest vocabulary that it can.</summary>
    /// <inheritdoc cref="Train(TrainingText, int, Splitter, int, IProgress{double}?, CancellationToken)"/>
    public static BytePairTokenizer TrainAtMost(
        TrainingText text, int vocabularySize, Splitter splitter, int threads = 0,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var training = new BytePairTraining(text, vocabularySize, splitter)
        {
            Threads = threads,
            Progress = progress is null ? null : new Fractions(progress),
        };
        return training.Run(cancellation);
    }

    private sealed class Fractions(IProgress<double> progress) : IProgress<TokenizerTrainingProgress>
    {
        public void Report(TokenizerTrainingProgress value) => progress.Report(value.Fraction);
    }
}
