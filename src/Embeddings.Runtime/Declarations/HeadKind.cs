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

    /// <summary>
    /// No matrix [V, C]: a token is said as its bytes, one after another and then the end, by a small decoder. Its probability is the product,
    /// which sums to 1 over all byte strings.
    /// </summary>
    Bytes,
}
