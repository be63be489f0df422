using Embeddings.Models;

namespace Embeddings.Evaluation;

/// <summary>
/// Cuts a stream of tokens into windows of the model's context T, half a window apart, such that every token but the first is the target
/// of exactly one scored position, and those behind the first window see at least T / 2 tokens.
/// </summary>
internal sealed class ScoredWindows
{
    private readonly int[] _stream;
    private readonly int _context;
    private readonly int _stride;

    /// <summary>Windows over a stream whose first token is context alone.</summary>
    /// <param name="stream">One token of context, then N tokens to score.</param>
    /// <param name="context">T.</param>
    public ScoredWindows(int[] stream, int context)
    {
        _stream = stream;
        _context = context;
        _stride = Math.Max(1, context / 2);
        int scored = stream.Length - 1;
        Count = scored <= 0 ? 0 : 1 + (Math.Max(0, scored - context) + _stride - 1) / _stride;
    }

    /// <summary>Number of windows.</summary>
    public int Count { get; }

    /// <summary>Writes one window.</summary>
    /// <param name="window">Its number; at or beyond <see cref="Count"/>, nothing is scored.</param>
    /// <param name="tokens">Receives T ids; places behind the stream's end are 0.</param>
    /// <param name="targets">Receives T ids; those scored by the window before, or behind the end, are ignored.</param>
    public void Write(int window, Span<int> tokens, Span<int> targets)
    {
        tokens.Clear();
        targets.Fill(LanguageModel<float>.IgnoredTarget);
        if (window >= Count)
        {
            return;
        }

        int start = window * _stride;
        int length = Math.Min(_context, _stream.Length - 1 - start);
        _stream.AsSpan(start, length).CopyTo(tokens);
        int firstNew = window == 0 ? 0 : _context - _stride;
        _stream.AsSpan(start + 1 + firstNew, length - firstNew).CopyTo(targets[firstNew..]);
    }
}
