namespace Embeddings.Cuda;

/// <content>Causal attention.</content>
public sealed unsafe partial class KernelLibrary
{
    private const int AttentionThreads = 128;
    private const int AttentionRowsPerBlock = 64;

    private readonly nint _attentionForward;
    private readonly nint _attentionDelta;
    private readonly nint _attentionQueryGradient;
    private readonly nint _attentionKeyValueGradient;

    /// <summary>softmax(q·kᵀ·scale)·v of each head and sequence, causal, and the log-sum-exp [R, heads] of each row's scores.</summary>
    public void AttentionForward(
        int batch, int context, int heads, int keyValueHeads, double scale,
        nint q, int qStride, nint k, int kStride, nint v, int vStride, nint output, int outputStride, nint logSumExp)
    {
        var shape = new AttentionShape(context, heads, keyValueHeads, (float)scale);
        void** arguments = stackalloc void*[] { &q, &k, &v, &output, &logSumExp, &qStride, &kStride, &vStride, &outputStride, &shape };
        _device.Launch(_attentionForward, Grid(batch, context, heads), arguments, 10);
    }

    /// <summary>
    /// Gradients of q, k and v, written, the probabilities computed again from the log-sum-exp. Delta is working memory, [R, heads] floats.
    /// </summary>
    public void AttentionBackward(
        int batch, int context, int heads, int keyValueHeads, double scale,
        nint q, int qStride, nint k, int kStride, nint v, int vStride, nint output, int outputStride, nint logSumExp,
        nint outputGradient, int outputGradientStride, nint delta,
        nint qGradient, int qGradientStride, nint kGradient, int kGradientStride, nint vGradient, int vGradientStride)
    {
        int rows = batch * context;
        var shape = new AttentionShape(context, heads, keyValueHeads, (float)scale);
        void** deltaArguments = stackalloc void*[] { &output, &outputGradient, &delta, &rows, &heads, &outputStride, &outputGradientStride };
        _device.Launch(_attentionDelta, new LaunchShape(Blocks((long)rows * heads, 8), ThreadsPerBlock), deltaArguments, 7);
        void** queryArguments = stackalloc void*[]
        {
            &q, &k, &v, &outputGradient, &logSumExp, &delta, &qGradient, &qStride, &kStride, &vStride, &outputGradientStride, &qGradientStride,
            &shape,
        };
        _device.Launch(_attentionQueryGradient, Grid(batch, context, heads), queryArguments, 13);
        void** keyValueArguments = stackalloc void*[]
        {
            &q, &k, &v, &outputGradient, &logSumExp, &delta, &kGradient, &vGradient,
            &qStride, &kStride, &vStride, &outputGradientStride, &kGradientStride, &vGradientStride, &shape,
        };
        _device.Launch(_attentionKeyValueGradient, Grid(batch, context, keyValueHeads), keyValueArguments, 15);
    }

    private static LaunchShape Grid(int batch, int context, int heads) =>
        new(Blocks(context, AttentionRowsPerBlock), heads, batch, AttentionThreads, 0);

    /// <summary>As the kernels declare it.</summary>
    private readonly record struct AttentionShape(int Context, int Heads, int KeyValueHeads, float Scale);
}
