using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// <see cref="ByteDecoder"/> on a device: the losses of targets that are said as their bytes, place by place, in chunks of
/// <see cref="DecoderPlaces"/>. Addresses are on the device; nothing here waits.
/// </summary>
public sealed unsafe class DeviceByteDecoder : IDisposable
{
    /// <summary>Places of a chunk for each row of logits that a model may have at one time: their rows are a few hundred elements.</summary>
    private const int PlacesPerRow = 4;

    private const int LogitStride = (ByteDecoder.Symbols + Alignment - 1) / Alignment * Alignment;
    private const int Alignment = 8;

    private readonly ICudaDevice _device;
    private readonly KernelLibrary _library;
    private readonly Spelling _spelling;
    private readonly int _width;
    private readonly int _prefixRows;
    private readonly int _capacity;
    private readonly nint _activations;
    private readonly nint _gradients;
    private readonly nint _logits;
    private readonly nint _losses;
    private readonly nint _weights;
    private DecoderPlaces? _vocabulary;

    /// <summary>Takes the memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="library">Its kernels.</param>
    /// <param name="shape">The model, for the decoder's width and positions.</param>
    /// <param name="spelling">The bytes of each target.</param>
    /// <param name="rows">Targets of a pass, R.</param>
    /// <param name="logitRows">Rows of logits that a model of whole tokens has at one time at most.</param>
    public DeviceByteDecoder(ICudaDevice device, KernelLibrary library, ArchitectureDescription shape, Spelling spelling, int rows, int logitRows)
    {
        _device = device;
        _library = library;
        _spelling = spelling;
        _width = shape.DecoderWidth;
        _prefixRows = PrefixRows(shape);
        _capacity = Capacity(spelling, rows, logitRows);
        int element = library.Element.Bytes();
        _activations = device.Allocate((long)element * _capacity * _width, "activations of places");
        _gradients = device.Allocate((long)element * _capacity * _width, "gradients of places");
        _logits = device.Allocate((long)element * _capacity * LogitStride, "logits of places");
        _losses = device.Allocate(sizeof(float) * (long)_capacity, "losses of places");
        _weights = device.Allocate(sizeof(float) * (long)_capacity, "loss weights of places");
    }

    /// <summary>Bytes of the device's memory that it takes, places of one kind of targets included.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="spelling">The bytes of each target.</param>
    /// <param name="rows">R.</param>
    /// <param name="logitRows">As in the constructor.</param>
    /// <param name="element">Type of elements.</param>
    /// <param name="kinds">Kinds of targets: the next tokens, and those of further walks.</param>
    public static long DeviceBytes(ArchitectureDescription shape, Spelling spelling, int rows, int logitRows, CudaElement element, int kinds)
    {
        int capacity = Capacity(spelling, rows, logitRows);
        return capacity * (element.Bytes() * (2L * shape.DecoderWidth + LogitStride) + 2 * sizeof(float))
            + kinds * DecoderPlaces.DeviceBytes(spelling, rows, capacity, PrefixRows(shape), shape.DecoderWidth);
    }

    /// <summary>Memory for the places of one kind of targets of a pass.</summary>
    /// <param name="rows">R.</param>
    public DecoderPlaces Places(int rows) => new(_device, _spelling, rows, _capacity, _prefixRows, _width);

    /// <summary>losses[r] = −log P(target of row r) in nats, 0 where it has none.</summary>
    /// <param name="places">Of the targets.</param>
    /// <param name="states">[R, D] elements.</param>
    /// <param name="prefix">Prefix vectors, [256·positions, D] elements.</param>
    /// <param name="symbols">[257, D] elements.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="losses">[R] floats.</param>
    public void Losses(DecoderPlaces places, nint states, nint prefix, nint symbols, double softCap, nint losses) =>
        Losses(places, states, _width, prefix, symbols, softCap, losses, 1);

    /// <summary>logits[v] = log P(token v) after one state.</summary>
    /// <param name="state">[D] elements.</param>
    /// <param name="prefix">Prefix vectors, [256·positions, D] elements.</param>
    /// <param name="symbols">[257, D] elements.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="logits">[V] floats.</param>
    public void LogProbabilities(nint state, nint prefix, nint symbols, double softCap, nint logits)
    {
        if (_vocabulary is null)
        {
            _vocabulary = new DecoderPlaces(_device, _spelling, _spelling.VocabularySize, _capacity, 0, _width);
            _vocabulary.Send([.. Enumerable.Range(0, _spelling.VocabularySize)], withGradients: false);
        }

        Losses(_vocabulary, state, 0, prefix, symbols, softCap, logits, -1);
    }

    /// <summary>
    /// The losses, and the gradient of weight · gradientScale · Σ lossWeights · losses: written to <paramref name="stateGradient"/>, added to those of
    /// the parameters.
    /// </summary>
    /// <param name="places">Of the targets, sent with gradients.</param>
    /// <param name="states">[R, D] elements.</param>
    /// <param name="prefix">Prefix vectors, [256·positions, D] elements.</param>
    /// <param name="symbols">[257, D] elements.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="weight">Factor of the gradients.</param>
    /// <param name="gradientScale">One float.</param>
    /// <param name="lossWeights">[R] floats, or 0 where all are 1.</param>
    /// <param name="losses">[R] floats, or 0 where they are not kept.</param>
    /// <param name="stateGradient">[R, D] elements, written.</param>
    /// <param name="prefixGradient">[256·positions, D] floats, added to; or 0.</param>
    /// <param name="symbolGradient">[257, D] floats, added to; or 0.</param>
    public void LossesAndGradients(
        DecoderPlaces places, nint states, nint prefix, nint symbols, double softCap, double weight, nint gradientScale, nint lossWeights, nint losses,
        nint stateGradient, nint prefixGradient, nint symbolGradient)
    {
        for (int chunk = 0; chunk < places.Chunks; chunk++)
        {
            Logits(places, chunk, states, _width, prefix, symbols, lossWeights);
            _library.CrossEntropy(
                _capacity, ByteDecoder.Symbols, softCap, _logits, LogitStride, places.Targets(chunk), _losses, weight, gradientScale,
                lossWeights == 0 ? 0 : _weights);
            if (losses != 0)
            {
                _library.DecoderLosses(places, chunk, _losses, losses, 1);
            }

            _device.Multiply(new DeviceProduct
            {
                M = _capacity, N = _width, K = ByteDecoder.Symbols,
                A = _logits, LeadingA = LogitStride,
                B = symbols, LeadingB = _width,
                C = _gradients, LeadingC = _width,
                Alpha = 1, InputElement = _library.Element, OutputElement = _library.Element,
            });
            if (symbolGradient != 0)
            {
                _device.Multiply(new DeviceProduct
                {
                    M = ByteDecoder.Symbols, N = _width, K = _capacity,
                    A = _logits, LeadingA = LogitStride, TransposeA = true,
                    B = _activations, LeadingB = _width,
                    C = symbolGradient, LeadingC = _width, Beta = 1,
                    Alpha = 1, InputElement = _library.Element, OutputElement = CudaElement.Single,
                });
            }

            _library.DecoderGradient(places, chunk, _width, _activations, _gradients, stateGradient);
            if (prefixGradient != 0)
            {
                _library.Scatter(places.Scatter(chunk), _width, _gradients, _width, places.Keys(chunk), 0, prefixGradient);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _vocabulary?.Dispose();
        foreach (nint memory in new[] { _activations, _gradients, _logits, _losses, _weights })
        {
            _device.Free(memory);
        }
    }

    private static int PrefixRows(ArchitectureDescription shape) => 256 * shape.DecoderPositions;

    /// <summary>Places of a chunk: a multiple of what fast products ask for, enough for a row, not more than a pass can have.</summary>
    private static int Capacity(Spelling spelling, int rows, int logitRows)
    {
        int row = DecoderPlaces.LeastCapacity(spelling);
        long places = Math.Max(row, Math.Min((long)rows * row, (long)PlacesPerRow * logitRows));
        return checked((int)((places + Alignment - 1) / Alignment * Alignment));
    }

    private void Losses(
        DecoderPlaces places, nint states, int stateStride, nint prefix, nint symbols, double softCap, nint losses, float sign)
    {
        for (int chunk = 0; chunk < places.Chunks; chunk++)
        {
            Logits(places, chunk, states, stateStride, prefix, symbols, 0);
            _library.CrossEntropy(
                _capacity, ByteDecoder.Symbols, softCap, _logits, LogitStride, places.Targets(chunk), _losses,
                gradientScale: _weights, 0, withGradients: false); // nothing reads the scale
            _library.DecoderLosses(places, chunk, _losses, losses, sign);
        }
    }

    /// <summary>The activations and the logits of a chunk's places.</summary>
    private void Logits(DecoderPlaces places, int chunk, nint states, int stateStride, nint prefix, nint symbols, nint lossWeights)
    {
        _library.DecoderActivations(places, chunk, _width, states, stateStride, prefix, lossWeights, _activations, _weights);
        _device.Multiply(new DeviceProduct
        {
            M = _capacity, N = ByteDecoder.Symbols, K = _width,
            A = _activations, LeadingA = _width,
            B = symbols, LeadingB = _width, TransposeB = true,
            C = _logits, LeadingC = LogitStride,
            Alpha = 1, InputElement = _library.Element, OutputElement = _library.Element,
        });
    }
}
