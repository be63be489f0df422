using System.Numerics;

namespace Embeddings.Cpu;

/// <summary>
/// The cross-entropy of rows of logits z, a row a tile, and in place of the logits their gradient (softmax(z) − onehot) · scale, where
/// each row's scale is multiplied by its loss weight if there are any.
/// </summary>
internal readonly unsafe struct SoftmaxRows<T>(
    int vocabulary, T* logits, int* targets, T* losses, T scale, T* lossWeights, bool gradients) : ITileKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int tile)
    {
        T* row = logits + (long)tile * vocabulary;
        int target = targets[tile];
        if (target < 0)
        {
            losses[tile] = T.Zero;
            if (gradients)
            {
                new Span<T>(row, vocabulary).Clear();
            }

            return;
        }

        T targetLogit = row[target];
        T largest = RowLoops.Largest(vocabulary, row);
        T sum = RowLoops.Exponentials(vocabulary, row, largest);
        losses[tile] = largest + T.Log(sum) - targetLogit;
        if (gradients)
        {
            T own = lossWeights == null ? scale : scale * lossWeights[tile];
            RowLoops.Scale(vocabulary, own / sum, row);
            row[target] -= own;
        }
    }
}
