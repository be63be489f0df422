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
        // As rows of one sequence, each of which has the target that stands with it.
        CrossEntropy(rows, vocabulary, softCap, logits, stride, targets, losses, gradientScale, lossWeights, withGradients ? 1 : 0, 0, rows, 0, 1);
    }

    /// <summary>
    /// Logits become the gradient of weight · gradientScale · Σ lossWeights · losses of the targets further ahead with respect to them; the
    /// losses themselves are not kept. A row whose sequence ends before such a target has none.
    /// </summary>
    /// <param name="rows">Rows of the chunk.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="logits">[rows, V], before the cap; elements.</param>
    /// <param name="stride">Elements from a row of logits to the next.</param>
    /// <param name="targets">Next ids [rows], followed by those of the rest of the sequence that the chunk ends in.</param>
    /// <param name="first">The chunk's first row in the pass.</param>
    /// <param name="context">T.</param>
    /// <param name="ahead">Positions that the target is further ahead than the next token.</param>
    /// <param name="weight">Factor of its loss.</param>
    /// <param name="gradientScale">One float.</param>
    /// <param name="lossWeights">[rows] floats, or 0 where all are 1.</param>
    public void FutureCrossEntropy(
        int rows, int vocabulary, double softCap, nint logits, int stride, nint targets, int first, int context, int ahead, double weight,
        nint gradientScale, nint lossWeights) =>
        CrossEntropy(rows, vocabulary, softCap, logits, stride, targets, 0, gradientScale, lossWeights, 1, first, context, ahead, (float)weight);

    /// <summary>The losses, and logits become the gradient of weight · gradientScale · Σ lossWeights · losses with respect to them.</summary>
    /// <param name="rows">Rows of the chunk.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="softCap">Largest logit, or 0.</param>
    /// <param name="logits">[rows, V], before the cap; elements.</param>
    /// <param name="stride">Elements from a row of logits to the next.</param>
    /// <param name="targets">[rows].</param>
    /// <param name="losses">[rows] floats.</param>
    /// <param name="weight">Factor of the gradients.</param>
    /// <param name="gradientScale">One float.</param>
    /// <param name="lossWeights">[rows] floats, or 0 where all are 1.</param>
    public void CrossEntropy(
        int rows, int vocabulary, double softCap, nint logits, int stride, nint targets, nint losses, double weight, nint gradientScale, nint lossWeights) =>
        CrossEntropy(rows, vocabulary, softCap, logits, stride, targets, losses, gradientScale, lossWeights, 1, 0, rows, 0, (float)weight);

    /// <summary>result[v] = the capped logit of one row, as float.</summary>
    public void CappedLogits(int vocabulary, double softCap, nint logits, nint result)
    {
        float cap = (float)softCap;
        void** arguments = stackalloc void*[] { &logits, &result, &vocabulary, &cap };
        _device.Launch(_cappedLogits, new LaunchShape(Blocks(vocabulary), ThreadsPerBlock), arguments, 4);
    }

    private void CrossEntropy(
        int rows, int vocabulary, double softCap, nint logits, int stride, nint targets, nint losses, nint gradientScale, nint lossWeights,
        int withGradients, int first, int context, int ahead, float weight)
    {
        float cap = (float)softCap;
        void** arguments = stackalloc void*[]
        {
            &logits, &targets, &losses, &gradientScale, &lossWeights, &vocabulary, &stride, &cap, &withGradients, &first, &context, &ahead, &weight,
        };
        _device.Launch(_crossEntropy, new LaunchShape(rows, LossThreads), arguments, 13);
    }
}
