using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Evaluation;

/// <summary>
/// Cuts a stream of tokens into windows of the model's context T, half a window apart, such that every token but the first is the target
/// of exactly one scored position, and those behind the first window see at least T / 2 tokens.
/// </summary>
internal sealed class ScoredWindows
{
    private readonly AlignedText _stream;
    private readonly int _context;
    private readonly int _stride;

    /// <summary>Windows over a stream whose first token is context alone.</summary>
    /// <param name="stream">One token of context, then N tokens to score.</param>
    /// <param name="context">T.</param>
    public ScoredWindows(AlignedText stream, int context)
    {
        _stream = stream;
        _context = context;
        _stride = Math.Max(1, context / 2);
        int scored = stream.Targets.Length - 1;
        Count = scored <= 0 ? 0 : 1 + (Math.Max(0, scored - context) + _stride - 1) / _stride;
    }

    /// <summary>Number of windows.</summary>
    public int Count { get; }

    /// <summary>Writes the input ids of one window.</summary>
    /// <param name="window">Its number; at or beyond <see cref="Count"/>, all ids are 0.</param>
    /// <param name="plane">Which of the input ids of a position.</param>
    /// <param name="tokens">Receives T ids; places behind the stream's end are 0.</param>
    public void WriteInputs(int window, int plane, Span<int> tokens)
    {
        tokens.Clear();
        if (window < Count)
        {
            _stream.Inputs[plane].AsSpan(window * _stride, Length(window)).CopyTo(tokens);
        }
    }

    /// <summary>Writes the targets of one window.</summary>
    /// <param name="window">Its number; at or beyond <see cref="Count"/>, nothing is scored.</param>
    /// <param name="targets">Receives T ids; those scored by the window before, or behind the end, are ignored.</param>
    public void WriteTargets(int window, Span<int> targets)
    {
        targets.Fill(LanguageModel<float>.IgnoredTarget);
        if (window < Count)
        {
            int firstNew = window == 0 ? 0 : _context - _stride;
            _stream.Targets.AsSpan(window * _stride + 1 + firstNew, Length(window) - firstNew).CopyTo(targets[firstNew..]);
        }
    }

    private int Length(int window) => Math.Min(_context, _stream.Targets.Length - 1 - window * _stride);
}
