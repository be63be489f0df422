using System.Globalization;

namespace Embeddings.Cuda;

/// <summary>
/// The kernels that every model shares, in a module that also holds the model's own: attention, loss, rows by token and position, sums over
/// rows, optimizer. Addresses are on the device; R = B·T rows; a stride is in elements from a row to the next. Nothing here waits.
/// </summary>
public sealed unsafe partial class KernelLibrary
{
    /// <summary>The macro that makes elements bf16.</summary>
    public const string BFloat16Macro = "EMBEDDINGS_BF16";

    private const int ThreadsPerBlock = 256;
    private const int MostBlocks = 65_535;
    private const int MemoryAlignment = 256;

    private readonly ICudaDevice _device;
    private readonly nint _module;

    /// <summary>Finds the kernels.</summary>
    /// <param name="device">The device.</param>
    /// <param name="module">A module whose text begins with <see cref="Text"/>.</param>
    /// <param name="element">Type of elements that the module was compiled for.</param>
    /// <param name="headWidth">D, that the module was compiled for.</param>
    public KernelLibrary(ICudaDevice device, nint module, CudaElement element, int headWidth)
    {
        _device = device;
        _module = module;
        Element = element;
        _tiling = new AttentionTiling(headWidth);
        _backwardBytes = _tiling.HasTensorCores(element) ? _tiling.BackwardBytes : 0;
        _attentionForward = Kernel("attentionForward");
        _attentionDelta = Kernel("attentionDelta");
        _attentionQueryGradient = Kernel("attentionQueryGradient", _backwardBytes);
        _attentionKeyValueGradient = Kernel("attentionKeyValueGradient", _backwardBytes);
        _attentionDistantGradient = Kernel("attentionDistantGradient");
        _crossEntropy = Kernel("crossEntropy");
        _cappedLogits = Kernel("cappedLogits");
        _decoderActivations = Kernel("decoderActivations");
        _decoderLosses = Kernel("decoderLosses");
        _decoderGradient = Kernel("decoderGradient");
        _addPartialSums = Kernel("addPartialSums");
        _columnSums = Kernel("columnSums");
        _positionSums = Kernel("positionSums");
        _gatherSum = Kernel("gatherSum");
        _tokenBytes = Kernel("tokenBytes");
        _scatterItems = Kernel("scatterItems");
        _scatterRuns = Kernel("scatterRuns");
        _rotary = Kernel("rotary");
        _narrowParameters = Kernel("narrowParameters");
        _squareSums = Kernel("squareSums");
        _gradientNorm = Kernel("gradientNorm");
        _adamW = Kernel("adamW");
        _muonMomentum = Kernel("muonMomentum");
        _muonScale = Kernel("muonScale");
        _muonStep = Kernel("muonStep");
        _addPartialTotal = Kernel("addPartialTotal");
    }

    /// <summary>Type of activations and of the weights that products read.</summary>
    public CudaElement Element { get; }

    /// <summary>CUDA C of all kernels here.</summary>
    /// <param name="headWidth">D.</param>
    public static string Text(int headWidth) =>
        string.Create(CultureInfo.InvariantCulture, $"#define HEAD_WIDTH {headWidth}\n") + new AttentionTiling(headWidth).Defines
        + string.Join('\n', new[] { "prelude", "rows", "tokenBytes", "attention", "attentionTiles", "attentionFloat", "crossEntropy", "byteDecoder", "optimizer", "muon" }.Select(Read));

    /// <summary>Blocks for a number of threads' work.</summary>
    public static int Blocks(long work, int threads = ThreadsPerBlock) => checked((int)((work + threads - 1) / threads));

    /// <summary>The text of one of the shared files.</summary>
    internal static string Read(string name)
    {
        using Stream stream = typeof(KernelLibrary).Assembly.GetManifestResourceStream(name + ".cu")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private nint Kernel(string name, int sharedBytes = 0) => _device.Kernel(_module, name, sharedBytes);
}
