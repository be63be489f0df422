using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// What a model learns, on a device: master weights, gradients and moments as fp32 arenas with the places of
/// <see cref="ModelDescription.Parameters"/>, as on the processor, so that checkpoints go from one device to another; and the weights as products
/// read them, which in fp32 are the masters themselves.
/// </summary>
internal sealed unsafe class DeviceParameters
{
    private readonly ICudaDevice _device;
    private readonly ModelDescription _description;
    private readonly KernelLibrary _library;
    private readonly int _elementBytes;
    private readonly nint _master;
    private readonly nint _weights;
    private readonly nint _gradients;
    private readonly nint _moments;

    /// <summary>Takes the memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="memory">Frees it.</param>
    /// <param name="description">The model.</param>
    /// <param name="element">Type of the weights that products read.</param>
    /// <param name="library">Rounds masters to weights.</param>
    public DeviceParameters(ICudaDevice device, DeviceMemory memory, ModelDescription description, CudaElement element, KernelLibrary library)
    {
        _device = device;
        _description = description;
        _library = library;
        _elementBytes = element.Bytes();
        _master = memory.Take(sizeof(float) * description.ParameterCount, "master weights");
        _weights = element == CudaElement.Single ? _master : memory.Take(_elementBytes * description.ParameterCount, "weights");
        _gradients = memory.Take(sizeof(float) * description.TrainableCount, "gradients");
        _moments = memory.Take(2 * sizeof(float) * description.TrainableCount, "moments");
    }

    /// <summary>A parameter as products read it.</summary>
    public nint Weight(long offset) => _weights + (nint)(offset * _elementBytes);

    /// <summary>A parameter in fp32.</summary>
    public nint Master(long offset) => _master + (nint)(offset * sizeof(float));

    /// <summary>A gradient, fp32.</summary>
    public nint Gradient(long offset) => _gradients + (nint)(offset * sizeof(float));

    /// <summary>AdamW's running mean of gradients, fp32.</summary>
    public nint FirstMoment(long offset) => _moments + (nint)(offset * sizeof(float));

    /// <summary>AdamW's running mean of squared gradients, fp32.</summary>
    public nint SecondMoment(long offset) => FirstMoment(_description.TrainableCount + offset);

    /// <summary>Every gradient becomes zero.</summary>
    public void ClearGradients() => _device.Clear(_gradients, sizeof(float) * _description.TrainableCount);

    /// <summary>Copies the gradients to the host.</summary>
    public void DownloadGradients(Arena<float> gradients) => _device.Download(gradients.Pointer, _gradients, sizeof(float) * gradients.Length);

    /// <summary>Copies weights and moments of some trainable parameters to the place of others.</summary>
    public void Copy(long from, long to, long count)
    {
        _device.Copy(Master(to), Master(from), sizeof(float) * count);
        _device.Copy(FirstMoment(to), FirstMoment(from), sizeof(float) * count);
        _device.Copy(SecondMoment(to), SecondMoment(from), sizeof(float) * count);
        if (_weights != _master)
        {
            _device.Copy(Weight(to), Weight(from), _elementBytes * count);
        }
    }

    /// <summary>Copies the masters, and the moments unless the state is null, to the host.</summary>
    public void Download(Arena<float> parameters, OptimizerState<float>? state)
    {
        _device.Download(parameters.Pointer, _master, sizeof(float) * parameters.Length);
        if (state is not null)
        {
            _device.Download(state.FirstMoment.Pointer, FirstMoment(0), sizeof(float) * state.FirstMoment.Length);
            _device.Download(state.SecondMoment.Pointer, SecondMoment(0), sizeof(float) * state.SecondMoment.Length);
        }
    }

    /// <summary>Takes the masters, and the moments unless the state is null, from the host; the weights that products read follow.</summary>
    public void Upload(Arena<float> parameters, OptimizerState<float>? state)
    {
        _device.Upload(_master, parameters.Pointer, sizeof(float) * parameters.Length);
        if (state is not null)
        {
            _device.Upload(FirstMoment(0), state.FirstMoment.Pointer, sizeof(float) * state.FirstMoment.Length);
            _device.Upload(SecondMoment(0), state.SecondMoment.Pointer, sizeof(float) * state.SecondMoment.Length);
        }

        if (_weights != _master)
        {
            _library.NarrowParameters(parameters.Length, _master, _weights);
        }
    }
}
