namespace Embeddings.Cuda;

/// <summary>
/// Blocks of pinned memory used in turn, so that the host prepares one while the device still copies from another.
/// </summary>
internal sealed class PinnedRing : IDisposable
{
    private readonly ICudaDevice _device;
    private readonly nint[] _blocks;
    private readonly nint[] _copied;
    private int _turn;

    /// <summary>Takes the blocks.</summary>
    /// <param name="device">The device.</param>
    /// <param name="count">Blocks.</param>
    /// <param name="bytes">Bytes of a block.</param>
    /// <param name="name">What they are for.</param>
    public PinnedRing(ICudaDevice device, int count, long bytes, string name)
    {
        _device = device;
        _blocks = [.. Enumerable.Range(0, count).Select(_ => device.AllocatePinned(bytes, name))];
        _copied = [.. Enumerable.Range(0, count).Select(_ => device.CreateEvent())];
    }

    /// <summary>The next block, which no copy is reading any more.</summary>
    public nint Take()
    {
        _device.Wait(_copied[_turn]);
        return _blocks[_turn];
    }

    /// <summary>Says that all copies from the block that was taken are started.</summary>
    public void Sent()
    {
        _device.Record(_copied[_turn]);
        _turn = (_turn + 1) % _blocks.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_blocks, _device.FreePinned);
        Array.ForEach(_copied, _device.FreeEvent);
    }
}
