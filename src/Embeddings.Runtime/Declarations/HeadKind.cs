namespace Embeddings;

/// <summary>Where the output head's matrix comes from.</summary>
public enum HeadKind
{
    /// <summary>A matrix of its own.</summary>
    Untied,

    /// <summary>The input table itself; its rows receive the gradients of both uses.</summary>
    Tied,

    /// <summary>
    /// The input table itself up to a declared step; then a matrix of its own, which starts as a copy of the table with its moments.
    /// </summary>
    TiedThenUntied,
}
