namespace Embeddings;

/// <summary>Shape of the learning rate after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Stays at the peak.</summary>
    Constant,

    /// <summary>Half a cosine from the peak to the final fraction.</summary>
    Cosine,

    /// <summary>Stays at the peak, then falls linearly over the last part of the run (arXiv 2404.06395).</summary>
    WarmupStableDecay,

    /// <summary>Falls linearly from the peak to the final fraction.</summary>
    Linear,
}
