namespace Embeddings.Models;

/// <summary>
/// Moves every target of a pass to a place in another sequence: position t of sequence b takes the target at position π_b(t) of sequence
/// b + 1 (the first after the last), with a permutation π_b for each sequence that is drawn anew in every pass. Every target is used once.
/// </summary>
internal sealed class TargetPermutation
{
    private readonly int _context;
    private readonly int[] _sources;
    private readonly int[] _targets;

    /// <summary>Prepares to permute.</summary>
    /// <param name="batch">Sequences, at least 2.</param>
    /// <param name="context">Positions of each.</param>
    public TargetPermutation(int batch, int context)
    {
        if (batch < 2)
        {
            throw new ArgumentException("Permuted targets come from other sequences of the pass; a pass needs at least 2.", nameof(batch));
        }

        _context = context;
        _sources = new int[batch * context];
        _targets = GC.AllocateArray<int>(batch * context, pinned: true);
    }

    /// <summary>The permuted targets, [B·T]; valid until the next call. The same for every model of this shape.</summary>
    /// <param name="targets">[B·T].</param>
    /// <param name="step">Updates made so far.</param>
    /// <param name="pass">Passes before in the step.</param>
    public unsafe int* Of(int* targets, long step, int pass)
    {
        var random = new RandomStream((ulong)step, FormattableString.Invariant($"PermutedTargets {pass}"));
        for (int first = 0; first < _sources.Length; first += _context)
        {
            Span<int> places = _sources.AsSpan(first, _context);
            for (int i = 0; i < places.Length; i++)
            {
                places[i] = (first + _context) % _sources.Length + i;
            }

            random.Shuffle(places);
        }

        for (int i = 0; i < _targets.Length; i++)
        {
            _targets[i] = targets[_sources[i]];
        }

        return (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _targets[0]);
    }
}
