using System;

namespace Embeddings;

/// <summary>
/// Declares learned rows for the n-grams of tokens that end at a position, added to the token's row: the n-gram t₁ … tₙ takes row
/// (…(t₁·V + t₂)·V + …) mod M of a table of M rows for each n from 2 to the order. Before the start of a sequence stands the id V. The
/// rows start at 0, so that the model starts as the one without them. Default: none.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class HashedNgramsAttribute : Attribute
{
    /// <summary>Declares the tables.</summary>
    /// <param name="rows">Rows M of each table; must have no factor in common with V, or else many n-grams share few rows.</param>
    public HashedNgramsAttribute(int rows) => Rows = rows;

    /// <summary>Rows of each table.</summary>
    public int Rows { get; }

    /// <summary>Longest n-gram, from 2 to 8.</summary>
    public int Order { get; set; } = 2;
}
