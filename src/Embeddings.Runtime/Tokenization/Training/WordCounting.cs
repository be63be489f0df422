namespace Embeddings.Tokenization;

/// <summary>Splits a text into words and counts them, with several threads that take pieces in turn.</summary>
internal static class WordCounting
{
    /// <summary>Counts all words of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="splitter">Cuts it into words.</param>
    /// <param name="threads">Threads, at least 1; the calling one is among them.</param>
    /// <param name="counts">Receives the words.</param>
    /// <param name="progress">Receives the share of the bytes done, where their number is known.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    public static void Run(
        TrainingText text, Splitter splitter, int threads, WordCounts counts, IProgress<double>? progress, CancellationToken cancellation)
    {
        using IEnumerator<TextPiece> pieces = text.Pieces(splitter, cancellation).GetEnumerator();
        double total = progress is null ? 0 : text.KnownBytes;
        long done = 0;
        Exception? failure = null;
        var gate = new Lock();
        var others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(Work) { IsBackground = true };
            others[i].Start();
        }

        Work();
        foreach (Thread other in others)
        {
            other.Join();
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        void Work()
        {
            using var counter = new WordCounter(counts);
            try
            {
                while (Take() is { } piece)
                {
                    splitter.Split(piece.Bytes.Span, counter);
                    piece.Release();
                }

                counter.Flush();
            }
            catch (Exception problem)
            {
                lock (gate)
                {
                    failure ??= problem;
                }
            }
        }

        TextPiece? Take()
        {
            lock (gate)
            {
                if (failure is not null)
                {
                    return null;
                }

                cancellation.ThrowIfCancellationRequested();
                if (!pieces.MoveNext())
                {
                    return null;
                }

                done += pieces.Current.Bytes.Length;
                if (total > 0)
                {
                    progress!.Report(Math.Min(1, done / total));
                }

                return pieces.Current;
            }
        }
    }
}
