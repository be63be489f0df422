namespace Embeddings.Cuda;

/// <content>Cross-entropy and logits.</content>
public sealed unsafe partial class KernelLibrary
{
    private const int LossThreads = 512;

    private readonly nint _crossEntropy;
    private readonly nint _cappedLogits;

    /// <summary>
    /// losses[r] = −log softmax(logits[r])[targets[r]] in nats, 0 where the target is −1; with gradients, logits become the gradient of
    /// gradientScale · Σ lossWeights · losses with respect to them.
    /// </summary>
    /// <param name="rows">Rows of the chunk.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="logits">[rows, V], before the cap; elements.</param>
    /// <param name="stride">Elements from a row of logits to the next.</param>
    /// <param name="targets">[rows].</param>
    /// <param name="losses">[rows] floats.</param>
    /// <param name="gradientScale">One float; not read without gradients.</param>
    /// <param name="lossWeights">[rows] floats, or 0 where all are 1.</param>
    /// <param name="withGradients">Whether logits are replaced.</param>
    public void CrossEntropy(
        int rows, int vocabulary, double softCap, nint logits, int stride, nint targets, nint losses, nint gradientScale, nint lossWeights,
        bool withGradients)
    {
        float cap = (float)softCap;
        int gradients = withGradients ? 1 : 0;
        void** arguments = stackalloc void*[] { &logits, &targets, &losses, &gradientScale, &lossWeights, &vocabulary, &stride, &cap, &gradients };
        _device.Launch(_crossEntropy, new LaunchShape(rows, LossThreads), arguments, 9);
    }

    /// <summary>result[v] = the capped logit of one row, as float.</summary>
    public void CappedLogits(int vocabulary, double softCap, nint logits, nint result)
    {
        float cap = (float)softCap;
        void** arguments = stackalloc void*[] { &logits, &result, &vocabulary, &cap };
        _device.Launch(_cappedLogits, new LaunchShape(Blocks(vocabulary), ThreadsPerBlock), arguments, 4);
    }
}
