using System.Runtime.ExceptionServices;

namespace Embeddings.Tokenization;

/// <summary>Splits a text into words and counts them, with several threads that take pieces in turn. It can stop and go on between pieces.</summary>
/// <param name="text">The text.</param>
/// <param name="splitter">Cuts it into words.</param>
/// <param name="counts">Receives the words.</param>
internal sealed class WordCounting(TrainingText text, Splitter splitter, WordCounts counts) : IDisposable
{
    private readonly IEnumerator<TextPiece> _pieces = text.Pieces(splitter).GetEnumerator();
    private readonly Lock _gate = new();
    private Exception? _failure;
    private bool _isStopped;
    private long _begun;

    /// <summary>Pieces counted; their order is that of the text.</summary>
    public long Pieces { get; private set; }

    /// <summary>Bytes counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Passes over pieces that have been counted before.</summary>
    public void Skip(long pieces)
    {
        while (Pieces < pieces && Next() is { } piece)
        {
            piece.Release();
        }
    }

    /// <summary>Counts to the end of the text, or until it is to stop, but one piece at least; all pieces that were begun are counted then.</summary>
    /// <param name="threads">Threads, at least 1; the calling one is among them.</param>
    /// <param name="progress">Told before each piece.</param>
    /// <param name="stop">Asked before each piece.</param>
    /// <returns>Whether the text is at its end.</returns>
    public bool Run(int threads, Action progress, Func<bool> stop)
    {
        _isStopped = false;
        _begun = Pieces;
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

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        return !_isStopped;

        void Work()
        {
            using var counter = new WordCounter(counts);
            try
            {
                while (Take(progress, stop) is { } piece)
                {
                    splitter.Split(piece.Bytes.Span, counter);
                    piece.Release();
                }

                counter.Flush();
            }
            catch (Exception problem)
            {
                lock (_gate)
                {
                    _failure ??= problem;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pieces.Dispose();

    private TextPiece? Take(Action progress, Func<bool> stop)
    {
        lock (_gate)
        {
            _isStopped = _isStopped || (_failure is null && Pieces > _begun && stop());
            if (_isStopped || _failure is not null)
            {
                return null;
            }

            progress();
            return Next();
        }
    }

    private TextPiece? Next()
    {
        if (!_pieces.MoveNext())
        {
            return null;
        }

        Pieces++;
        Bytes += _pieces.Current.Bytes.Length;
        return _pieces.Current;
    }
}
