using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Embeddings.Tokenization;

/// <summary>
/// One training of byte-pair merges: counts the words of a text, then learns merges. With a file to keep its work in it can be stopped and
/// begun again; the result is the same bits.
/// </summary>
/// <param name="text">Training text.</param>
/// <param name="vocabularySize">Most entries in all, 256 to 262,144.</param>
/// <param name="splitter">How text is cut.</param>
public sealed class BytePairTraining(TrainingText text, int vocabularySize, Splitter splitter)
{
    private const int ByteValues = 256;
    private const double CountingShare = 0.5;

    private readonly byte[] _byteOfId = ByteLetters.InOrder();
    private readonly Stopwatch _sinceKept = new();
    private CancellationToken _cancellation;

    /// <summary>Threads that count; 0 for one per processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Where work is kept, once in a while and when it is stopped; null for nowhere. A file of the same text, pattern and size is gone on with,
    /// any other is replaced. The caller deletes it when its result is safe.
    /// </summary>
    public string? KeptFile { get; init; }

    /// <summary>How often work is kept.</summary>
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Receives where the work stands.</summary>
    public IProgress<TokenizerTrainingProgress>? Progress { get; init; }

    /// <summary>Whether the last <see cref="Run"/> went on with kept work.</summary>
    public bool WentOn { get; private set; }

    /// <summary>Bytes of text that were counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Trains; a text with too few pairs gives the largest vocabulary that it can.</summary>
    /// <param name="cancellation">Stops early; work done so far is kept.</param>
    /// <exception cref="UserError">The size is none that can be learned, or the text or the kept work cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public BytePairTokenizer Run(CancellationToken cancellation = default)
    {
        if (vocabularySize is < ByteValues or > BytePairTrainer.LargestVocabulary)
        {
            throw new UserError(
                $"A vocabulary of {vocabularySize} cannot be learned: choose a size from {ByteValues} to {BytePairTrainer.LargestVocabulary}.");
        }

        _cancellation = cancellation;
        _sinceKept.Restart();

        // Ids of two bytes, of which one value is no id, serve every vocabulary but the largest.
        IReadOnlyList<(int Left, int Right)> merges = vocabularySize <= ushort.MaxValue ? Learn<ushort>() : Learn<int>();
        int Public(int id) => id < ByteValues ? _byteOfId[id] : id;
        return new BytePairTokenizer([.. merges.Select(merge => (Public(merge.Left), Public(merge.Right)))], splitter);
    }

    private IReadOnlyList<(int Left, int Right)> Learn<TSymbol>()
        where TSymbol : unmanaged, IBinaryInteger<TSymbol>
    {
        byte[] job = KeptFile is null ? [] : Job();
        KeptTraining<TSymbol>? kept = KeptFile is null ? null : KeptTraining<TSymbol>.Read(KeptFile, job);
        WentOn = kept is not null;
        using TrainingWords<TSymbol> words = kept?.Words ?? Count<TSymbol>(job, kept);
        Bytes = Math.Max(Bytes, kept?.Bytes ?? 0);
        using var learner = new MergeLearner<TSymbol>(words, _byteOfId, kept?.Merges ?? [], vocabularySize);
        var progress = new MergeProgress(this, vocabularySize);
        while (!learner.Learn(vocabularySize, progress, IsTimeToStop))
        {
            Keep(target => KeptTraining<TSymbol>.Write(target, job, Bytes, words, learner.Merges));
        }

        return learner.Merges;
    }

    private TrainingWords<TSymbol> Count<TSymbol>(byte[] job, KeptTraining<TSymbol>? kept)
        where TSymbol : unmanaged, IBinaryInteger<TSymbol>
    {
        using WordCounts counts = kept?.Counts ?? new WordCounts();
        using var counting = new WordCounting(text, splitter, counts);
        counting.Skip(kept?.Pieces ?? 0);
        long total = Progress is null ? 0 : text.KnownBytes;
        void Report() => Progress?.Report(
            new TokenizerTrainingProgress(total > 0 ? CountingShare * Math.Min(1, (double)counting.Bytes / total) : 0, counting.Bytes, 0));
        while (!counting.Run(Threads > 0 ? Threads : Environment.ProcessorCount, Report, IsTimeToStop))
        {
            Keep(target => KeptTraining<TSymbol>.Write(target, job, counting.Bytes, counts, counting.Pieces));
        }

        Bytes = counting.Bytes;
        int[] idOfByte = new int[ByteValues];
        for (int id = 0; id < ByteValues; id++)
        {
            idOfByte[_byteOfId[id]] = id;
        }

        return TrainingWords<TSymbol>.Of(counts, idOfByte);
    }

    private bool IsTimeToStop() => _cancellation.IsCancellationRequested || (KeptFile is not null && _sinceKept.Elapsed > KeepEvery);

    private void Keep(Action<string> write)
    {
        if (KeptFile is not null)
        {
            write(KeptFile);
        }

        _cancellation.ThrowIfCancellationRequested();
        _sinceKept.Restart();
    }

    /// <summary>SHA-256 over all that decides the result and the order of the pieces.</summary>
    private byte[] Job() => SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{vocabularySize}\n{splitter.Name}\n{text.Fingerprint()}")));

    private sealed class MergeProgress(BytePairTraining training, int vocabularySize) : IProgress<double>
    {
        public void Report(double value) => training.Progress?.Report(new TokenizerTrainingProgress(
            CountingShare + (1 - CountingShare) * value, training.Bytes, ByteValues + (int)Math.Round(value * (vocabularySize - ByteValues))));
    }
}
