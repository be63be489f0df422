namespace Embeddings.Cuda;

/// <summary>Memory of a device that is taken in pieces and freed as a whole.</summary>
/// <param name="device">The device.</param>
/// <param name="owner">Whose memory it is, for messages.</param>
internal sealed class DeviceMemory(ICudaDevice device, string owner) : IDisposable
{
    private readonly List<nint> _pieces = [];

    /// <summary>Takes a piece.</summary>
    /// <param name="bytes">Its size; a byte is taken where it is 0.</param>
    /// <param name="name">What it is for.</param>
    /// <exception cref="OutOfDeviceMemoryException">The device has too little.</exception>
    public nint Take(long bytes, string name) => Own(device.Allocate(Math.Max(1, bytes), $"{name} of {owner}"));

    /// <summary>Frees a piece that was taken elsewhere along with the others.</summary>
    public nint Own(nint piece)
    {
        _pieces.Add(piece);
        return piece;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pieces.ForEach(device.Free);
        _pieces.Clear();
    }
}
