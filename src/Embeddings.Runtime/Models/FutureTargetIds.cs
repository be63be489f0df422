namespace Embeddings.Models;

/// <summary>
/// For each position of a pass the target of the position that is so much later in its sequence; ignored where the sequence ends before.
/// The loss of such a target is that of a token further ahead than the next.
/// </summary>
/// <param name="tokens">B·T.</param>
/// <param name="context">T.</param>
internal sealed unsafe class FutureTargetIds(int tokens, int context)
{
    private readonly int[] _found = GC.AllocateArray<int>(tokens, pinned: true);

    /// <summary>Finds them.</summary>
    /// <param name="targets">Next ids, [B·T].</param>
    /// <param name="ahead">Positions later, from 1.</param>
    /// <returns>What was found, [B·T]; valid until the next call.</returns>
    public ReadOnlySpan<int> Find(ReadOnlySpan<int> targets, int ahead)
    {
        for (int row = 0; row < _found.Length; row++)
        {
            _found[row] = row % context + ahead < context ? targets[row + ahead] : LanguageModel<float>.IgnoredTarget;
        }

        return _found;
    }

    /// <summary>What was last found, [B·T].</summary>
    public int* Pointer => (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _found[0]);
}
