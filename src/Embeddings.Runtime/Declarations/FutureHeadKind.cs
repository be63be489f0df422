namespace Embeddings;

/// <summary>What stands between the residual stream and the head for a further target.</summary>
public enum FutureHeadKind
{
    /// <summary>x + W·x with a matrix W [C, C].</summary>
    Projection,

    /// <summary>x + FeedForward(Norm(x)), a feed-forward sub-layer as the blocks have it.</summary>
    FeedForward,
}
