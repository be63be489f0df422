using Embeddings.Models;

namespace Embeddings.Tokenization;

/// <summary>
/// The control of <see cref="BytePairTrainer"/>: as many merges, each of a pair drawn at random from the places of the text where its joined
/// length is that of the token which byte-pair encoding learns in its place. So the vocabularies have the same size and the same lengths of
/// tokens, and differ in which stretches of the text are tokens. A length of which there is no pair yet is put off; where there is none of
/// any length that is left, the nearest is taken. The length of the encoded text is not matched: it is longer, for rarer tokens are in it.
/// </summary>
public static class RandomMergeTrainer
{
    private const int ByteValues = 256;

    /// <summary>Draws a tokenizer.</summary>
    /// <param name="text">Training text; read twice.</param>
    /// <param name="vocabularySize">Entries in all, 256 to 262,144.</param>
    /// <param name="splitter">How text is cut.</param>
    /// <param name="seed">Decides which pairs are drawn; one seed gives one result for any number of threads.</param>
    /// <param name="threads">Threads that count; 0 for one per processor.</param>
    /// <param name="cancellation">Stops early.</param>
    /// <exception cref="UserError">The text cannot be read, or has too few pairs to fill the vocabulary.</exception>
    public static BytePairTokenizer Train(
        TrainingText text, int vocabularySize, Splitter splitter, ulong seed, int threads = 0, CancellationToken cancellation = default)
    {
        BytePairTokenizer model = BytePairTrainer.Train(text, vocabularySize, splitter, threads, cancellation: cancellation);
        using var counts = new WordCounts();
        using (var counting = new WordCounting(text, splitter, counts))
        {
            counting.Run(threads > 0 ? threads : Environment.ProcessorCount, () => { }, () => cancellation.IsCancellationRequested);
            cancellation.ThrowIfCancellationRequested();
        }

        using var words = TrainingWords<int>.Of(counts, [.. Enumerable.Range(0, ByteValues)]);
        using var learner = new MergeLearner<int>(words, Enumerable.Range(0, ByteValues).Select(value => (byte)value), [], vocabularySize);
        learner.TrackAll();
        var pairs = new RandomPairs(words, learner, new RandomStream(seed, "random merges"));
        var lengths = new LinkedList<int>(model.Tokens.Skip(ByteValues).Select(token => token.Length));
        while (lengths.Count > 0 && pairs.Draw(lengths) is { } pair)
        {
            cancellation.ThrowIfCancellationRequested();
            learner.Merge(pair.Left, pair.Right);
        }

        var tokenizer = new BytePairTokenizer([.. learner.Merges], splitter);
        BytePairTrainer.CheckFull(tokenizer, vocabularySize);
        return tokenizer;
    }
}
