using System.Numerics;

namespace Embeddings.Models;

/// <summary>The targets of a pass that are further ahead than the next token, and their losses.</summary>
/// <param name="tokens">B·T.</param>
/// <param name="context">T.</param>
/// <param name="count">Further targets of a position.</param>
internal sealed unsafe class FutureLosses<T>(int tokens, int context, int count) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int[] _targets = GC.AllocateArray<int>(tokens, pinned: true);
    private readonly Arena<T> _losses = new((long)tokens * count);

    /// <summary>
    /// For each position the target of the position that is so much later in its sequence; ignored where the sequence has none. Valid
    /// until the next call.
    /// </summary>
    /// <param name="targets">Next ids, [B·T].</param>
    /// <param name="ahead">From 1 to the number of further targets.</param>
    public int* Targets(int* targets, int ahead)
    {
        for (int row = 0; row < _targets.Length; row++)
        {
            _targets[row] = row % context + ahead < context ? targets[row + ahead] : LanguageModel<T>.IgnoredTarget;
        }

        return (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _targets[0]);
    }

    /// <summary>Losses of the targets so much further ahead, [B·T].</summary>
    public T* Losses(int ahead) => _losses.Pointer + (long)tokens * (ahead - 1);

    public void Dispose() => _losses.Dispose();
}
