namespace Embeddings.Models;

/// <summary>
/// Moves every target of a pass to a place in another sequence: position t of sequence b takes the target at position π_b(t) of sequence
/// b + 1 (the first after the last), with a fixed permutation π_b for each sequence. Every target is used once.
/// </summary>
internal sealed class TargetPermutation
{
    private readonly int[] _sources;
    private readonly int[] _targets;

    /// <summary>Draws the permutation; the same for every model of this shape.</summary>
    /// <param name="batch">Sequences, at least 2.</param>
    /// <param name="context">Positions of each.</param>
    public TargetPermutation(int batch, int context)
    {
        if (batch < 2)
        {
            throw new ArgumentException("Permuted targets come from other sequences of the pass; a pass needs at least 2.", nameof(batch));
        }

        _sources = new int[batch * context];
        _targets = GC.AllocateArray<int>(batch * context, pinned: true);
        var random = new RandomStream(0, "PermutedTargets");
        for (int sequence = 0; sequence < batch; sequence++)
        {
            int[] places = [.. Enumerable.Range((sequence + 1) % batch * context, context)];
            random.Shuffle<int>(places);
            places.CopyTo(_sources, sequence * context);
        }
    }

    /// <summary>The permuted targets, [B·T]; valid until the next call.</summary>
    public unsafe int* Of(int* targets)
    {
        for (int i = 0; i < _targets.Length; i++)
        {
            _targets[i] = targets[_sources[i]];
        }

        return (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _targets[0]);
    }
}
