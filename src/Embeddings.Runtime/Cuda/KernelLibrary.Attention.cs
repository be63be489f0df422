namespace Embeddings.Cuda;

/// <content>Causal attention.</content>
public sealed unsafe partial class KernelLibrary
{
    /// <summary>A gradient that travels back any distance: the ordinary backward pass.</summary>
    public const int AnyDistance = -1;

    private const int BackwardThreads = 128;
    private const int BackwardRows = 64;
    private const int OnePassThreads = 256;
    private const int WarpsPerBlock = ThreadsPerBlock / 32;

    private readonly nint _attentionForward;
    private readonly nint _attentionDelta;
    private readonly nint _attentionQueryGradient;
    private readonly nint _attentionKeyValueGradient;
    private readonly nint _attentionDistantGradient;
    private readonly AttentionTiling _tiling;
    private readonly int _backwardBytes;
    private nint _attentionGradient;
    private nint _onePassSums;

    /// <summary>Makes a backward that needs all gradients do them in one pass; see <see cref="AttentionTiling.InOnePass"/>.</summary>
    /// <param name="sums">Working memory, [R, H·D] floats.</param>
    internal void UseOnePass(nint sums)
    {
        _attentionGradient = Kernel("attentionGradient", _tiling.OnePassBytes);
        _onePassSums = sums;
    }

    /// <summary>softmax(q·kᵀ·scale)·v of each head and sequence, causal, and the log-sum-exp of each row's scores.</summary>
    /// <param name="batch">Sequences, B.</param>
    /// <param name="context">Positions, T.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="keyValueHeads">Key-value heads, a divisor of H.</param>
    /// <param name="scale">Factor of the products q·k.</param>
    /// <param name="q">Queries: elements, head h of row r at <c>q + r · qStride + h · D</c>.</param>
    /// <param name="qStride">Elements from a row of q to the next.</param>
    /// <param name="k">Keys, laid out likewise.</param>
    /// <param name="kStride">Elements from a row of k to the next.</param>
    /// <param name="v">Values, laid out likewise.</param>
    /// <param name="vStride">Elements from a row of v to the next.</param>
    /// <param name="output">Written, laid out as the queries.</param>
    /// <param name="outputStride">Elements from a row of the output to the next.</param>
    /// <param name="logSumExp">[R, H] floats, written; 0 where no backward pass follows.</param>
    /// <param name="window">Positions that a query sees, itself included; 0 is all earlier ones.</param>
    /// <param name="slopes">Whether the score of head h falls by 2^(−8(h + 1)/H) for each position of distance.</param>
    public void AttentionForward(
        int batch, int context, int heads, int keyValueHeads, double scale,
        nint q, int qStride, nint k, int kStride, nint v, int vStride, nint output, int outputStride, nint logSumExp,
        int window = 0, bool slopes = false)
    {
        var shape = new AttentionShape(context, heads, keyValueHeads, (float)scale, window, slopes);
        void** arguments = stackalloc void*[] { &q, &k, &v, &output, &logSumExp, &qStride, &kStride, &vStride, &outputStride, &shape };
        _device.Launch(
            _attentionForward,
            new LaunchShape(Blocks(context, _tiling.ForwardRows(Element)), heads, batch, _tiling.ForwardThreads(Element), 0), arguments, 10);
    }

    /// <summary>
    /// Gradients of q, k and v, written, the probabilities computed again from the log-sum-exp. With a distance d ≥ 0 they are those of the
    /// targets d positions after the row whose gradient it is; <paramref name="outputGradient"/> then holds, side by side and each H·D wide,
    /// the output's gradient for targets at distance 0, 1, … d, and points at the last of them, as in <c>Embeddings.Cpu.GeneralAttention</c>.
    /// </summary>
    /// <param name="batch">Sequences, B.</param>
    /// <param name="context">Positions, T.</param>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="keyValueHeads">Key-value heads, a divisor of H.</param>
    /// <param name="scale">Factor of the products q·k.</param>
    /// <param name="q">Queries.</param>
    /// <param name="qStride">Elements from a row of q to the next.</param>
    /// <param name="k">Keys.</param>
    /// <param name="kStride">Elements from a row of k to the next.</param>
    /// <param name="v">Values.</param>
    /// <param name="vStride">Elements from a row of v to the next.</param>
    /// <param name="output">The forward's output.</param>
    /// <param name="outputStride">Elements from a row of the output to the next.</param>
    /// <param name="logSumExp">The forward's log-sum-exp.</param>
    /// <param name="outputGradient">Gradient of the output.</param>
    /// <param name="outputGradientStride">Elements from a row of it to the next.</param>
    /// <param name="delta">Working memory, [R, H] floats.</param>
    /// <param name="qGradient">Gradient of the queries; 0 where nobody needs it.</param>
    /// <param name="qGradientStride">Elements from a row of it to the next.</param>
    /// <param name="kGradient">Gradient of the keys; 0 where nobody needs it.</param>
    /// <param name="kGradientStride">Elements from a row of it to the next.</param>
    /// <param name="vGradient">Gradient of the values; 0 where nobody needs it.</param>
    /// <param name="vGradientStride">Elements from a row of it to the next.</param>
    /// <param name="window">Positions that a query sees; 0 is all.</param>
    /// <param name="slopes">Whether scores fall with distance.</param>
    /// <param name="distance">From a row to the targets, in positions; <see cref="AnyDistance"/> is all targets.</param>
    public void AttentionBackward(
        int batch, int context, int heads, int keyValueHeads, double scale,
        nint q, int qStride, nint k, int kStride, nint v, int vStride, nint output, int outputStride, nint logSumExp,
        nint outputGradient, int outputGradientStride, nint delta,
        nint qGradient, int qGradientStride, nint kGradient, int kGradientStride, nint vGradient, int vGradientStride,
        int window = 0, bool slopes = false, int distance = AnyDistance)
    {
        int rows = batch * context;
        var shape = new AttentionShape(context, heads, keyValueHeads, (float)scale, window, slopes);
        bool keysOrValues = kGradient != 0 || vGradient != 0;
        if (qGradient != 0 || (keysOrValues && distance == AnyDistance))
        {
            void** deltaArguments = stackalloc void*[] { &output, &outputGradient, &delta, &rows, &heads, &outputStride, &outputGradientStride };
            _device.Launch(_attentionDelta, new LaunchShape(Blocks((long)rows * heads, WarpsPerBlock), ThreadsPerBlock), deltaArguments, 7);
        }

        if (_onePassSums != 0 && distance == AnyDistance && qGradient != 0 && kGradient != 0 && vGradient != 0)
        {
            nint sums = _onePassSums;
            void** allArguments = stackalloc void*[]
            {
                &q, &k, &v, &outputGradient, &logSumExp, &delta, &sums, &qGradient, &kGradient, &vGradient, &qStride, &kStride, &vStride,
                &outputGradientStride, &qGradientStride, &kGradientStride, &vGradientStride, &shape,
            };
            _device.Launch(_attentionGradient, new LaunchShape(1, keyValueHeads, batch, OnePassThreads, _tiling.OnePassBytes), allArguments, 18);
            return;
        }

        if (qGradient != 0)
        {
            void** queryArguments = stackalloc void*[]
            {
                &q, &k, &v, &outputGradient, &logSumExp, &delta, &qGradient, &qStride, &kStride, &vStride, &outputGradientStride,
                &qGradientStride, &shape,
            };
            _device.Launch(_attentionQueryGradient, Grid(batch, context, heads), queryArguments, 13);
        }

        if (keysOrValues && distance == AnyDistance)
        {
            void** keyValueArguments = stackalloc void*[]
            {
                &q, &k, &v, &outputGradient, &logSumExp, &delta, &kGradient, &vGradient,
                &qStride, &kStride, &vStride, &outputGradientStride, &kGradientStride, &vGradientStride, &shape,
            };
            _device.Launch(_attentionKeyValueGradient, Grid(batch, context, keyValueHeads), keyValueArguments, 15);
        }
        else if (keysOrValues)
        {
            // What the queries receive is right already; keys and values receive from nearer queries alone.
            void** distantArguments = stackalloc void*[]
            {
                &q, &k, &v, &output, &outputGradient, &logSumExp, &kGradient, &vGradient,
                &qStride, &kStride, &vStride, &outputStride, &outputGradientStride, &kGradientStride, &vGradientStride, &shape, &distance,
            };
            _device.Launch(
                _attentionDistantGradient, new LaunchShape(Blocks(context, WarpsPerBlock), keyValueHeads, batch, ThreadsPerBlock, 0),
                distantArguments, 17);
        }
    }

    private LaunchShape Grid(int batch, int context, int heads) =>
        new(Blocks(context, BackwardRows), heads, batch, BackwardThreads, _backwardBytes);

    /// <summary>As the kernels declare it; a window of the whole context hides nothing.</summary>
    private readonly record struct AttentionShape(int Context, int Heads, int KeyValueHeads, float Scale, int Window, int Slopes)
    {
        public AttentionShape(int context, int heads, int keyValueHeads, float scale, int window, bool slopes)
            : this(context, heads, keyValueHeads, scale, window == 0 ? context : Math.Min(window, context), slopes ? 1 : 0)
        {
        }
    }
}
