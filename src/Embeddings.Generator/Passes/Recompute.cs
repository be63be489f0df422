using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>
/// Chooses what a reverse walk computes again instead of keeping it from the forward. A weight's gradient needs the layer's whole input;
/// where that is an element-wise function of values which the walk reads anyway (a norm's output follows from the stream and its row
/// statistics, an activation from its pre-activation), the input is made once more, by the kernel that has those values at hand, into
/// memory that all layers share. <see cref="Scheduler"/> lets such a node join that kernel and opens one of its own only where none comes by.
/// </summary>
internal static class Recompute
{
    /// <summary>What a weight's gradient reads for a layer's input: the input itself, or a node that computes it again.</summary>
    /// <param name="graph">The builder of the walk.</param>
    /// <param name="input">A forward value.</param>
    public static Node InputOf(GraphBuilder graph, Node input) =>
        input.Op.IsElementwise() && input.Op != Op.Zeros && !input.Shape.IsRowScalar && !IsSumOfProducts(input)
            ? graph.Make(input.Op, input.Inputs, input.Shape, new RecomputedPayload(), input.Name.Length > 0 ? input.Name + ".Again" : "")
            : input;

    /// <summary>Whether a node computes a forward value again.</summary>
    public static bool IsAgain(Node node) => node.Payload is RecomputedPayload;

    /// <summary>
    /// Whether a value is the result of an operation that is kept whole, or a sum with one: the gradient of what it was summed from does
    /// not need it, so nothing it could be computed from is kept.
    /// </summary>
    private static bool IsSumOfProducts(Node node) => node.Op switch
    {
        Op.Add or Op.Subtract or Op.Negate => node.Inputs.Any(IsSumOfProducts),
        Op.Multiply when node.Inputs.Any(input => input.Op == Op.Constant) => node.Inputs.Any(IsSumOfProducts),
        _ => !node.Op.IsLeaf() && !node.Op.IsFusible(),
    };
}
