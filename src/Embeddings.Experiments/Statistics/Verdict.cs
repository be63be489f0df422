namespace Embeddings.Experiments.Statistics;

/// <summary>What the data say about a prediction.</summary>
public enum Verdict
{
    /// <summary>The effect has the predicted sign and is distinguishable from none.</summary>
    Supported,

    /// <summary>The effect has the opposite sign and is distinguishable from none.</summary>
    Contradicted,

    /// <summary>The effect is smaller than the margin that counts as a difference.</summary>
    Equivalent,

    /// <summary>The data allow more than one of the above.</summary>
    Inconclusive,
}
