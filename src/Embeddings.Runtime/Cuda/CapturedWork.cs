namespace Embeddings.Cuda;

/// <summary>
/// Work that is done over and over with the same addresses: the first time by its calls, in which products may be timed, then as a
/// graph, whose launches cost the host next to nothing.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="work">The work; must not wait.</param>
internal sealed class CapturedWork(ICudaDevice device, Action work) : IDisposable
{
    private bool _ran;
    private nint _graph;
    private long _phase;

    /// <summary>Does it.</summary>
    /// <param name="phase">What the calls depend on; where it has changed, a graph of the calls before is not used again.</param>
    public void Run(long phase)
    {
        if (!_ran || phase != _phase)
        {
            Dispose();
            _phase = phase;
            work();
            _ran = true;
            return;
        }

        if (_graph == 0)
        {
            _graph = device.Capture(work);
        }

        device.Replay(_graph);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        device.FreeGraph(_graph);
        _graph = 0;
    }
}
