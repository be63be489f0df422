using System.Numerics;

namespace Embeddings.Models;

/// <summary>The targets of a pass that are further ahead than the next token, and their losses.</summary>
/// <param name="tokens">B·T.</param>
/// <param name="context">T.</param>
/// <param name="count">Further targets of a position.</param>
internal sealed unsafe class FutureLosses<T>(int tokens, int context, int count) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly FutureTargetIds _targets = new(tokens, context);
    private readonly Arena<T> _losses = new((long)tokens * count);

    /// <summary>See <see cref="FutureTargetIds"/>; valid until the next call.</summary>
    /// <param name="targets">Next ids, [B·T].</param>
    /// <param name="ahead">From 1 to the number of further targets.</param>
    public int* Targets(int* targets, int ahead)
    {
        _targets.Find(new ReadOnlySpan<int>(targets, tokens), ahead);
        return _targets.Pointer;
    }

    /// <summary>Losses of the targets so much further ahead, [B·T].</summary>
    public T* Losses(int ahead) => _losses.Pointer + (long)tokens * (ahead - 1);

    public void Dispose() => _losses.Dispose();
}
