using System.Numerics;

namespace Embeddings.Models;

/// <summary>AdamW's moments over the trainable elements, and the number of updates made.</summary>
public sealed class OptimizerState<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Zero moments for a model.</summary>
    public OptimizerState(ModelDescription description)
    {
        FirstMoment = new Arena<T>(description.TrainableCount);
        SecondMoment = new Arena<T>(description.TrainableCount);
    }

    /// <summary>Running mean of gradients.</summary>
    public Arena<T> FirstMoment { get; }

    /// <summary>Running mean of squared gradients.</summary>
    public Arena<T> SecondMoment { get; }

    /// <summary>Updates made so far.</summary>
    public long Step { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
