namespace Embeddings;

/// <summary>Where the output head's matrix comes from.</summary>
public enum HeadKind
{
    /// <summary>A matrix of its own.</summary>
    Untied,

    /// <summary>The input table itself; its rows receive the gradients of both uses.</summary>
    Tied,
}
