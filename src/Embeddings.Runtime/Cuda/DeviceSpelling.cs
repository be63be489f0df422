using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>A spelling in the memory of a device, for rows that are composed of bytes.</summary>
public sealed unsafe class DeviceSpelling : IDisposable
{
    private readonly ICudaDevice _device;

    /// <summary>Copies it there.</summary>
    public DeviceSpelling(ICudaDevice device, Spelling spelling)
    {
        _device = device;
        Host = spelling;
        float[] weights = [.. Enumerable.Range(0, spelling.VocabularySize)
            .Select(token => (float)(1 / Math.Sqrt(spelling.Starts[token + 1] - spelling.Starts[token])))];
        Starts = Copy<int>(spelling.Starts);
        Rows = Copy<int>(spelling.Rows);
        Weights = Copy<float>(weights);
    }

    /// <summary>The spelling on the host.</summary>
    public Spelling Host { get; }

    /// <summary>V + 1 offsets into <see cref="Rows"/>.</summary>
    public nint Starts { get; }

    /// <summary>Rows of the composition table.</summary>
    public nint Rows { get; }

    /// <summary>V floats: one over the root of each token's number of rows.</summary>
    public nint Weights { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Free(Starts);
        _device.Free(Rows);
        _device.Free(Weights);
    }

    private nint Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        nint memory = _device.Allocate((long)values.Length * sizeof(T), "spelling");
        fixed (T* pointer = values)
        {
            _device.Upload(memory, pointer, (long)values.Length * sizeof(T));
        }

        return memory;
    }
}
