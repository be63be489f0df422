using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>
/// The gradient of each operation, as a table: given the node and the gradient of its result, the gradient of each input (null where
/// none flows). Gradients of broadcast inputs are summed back to the input's shape by <see cref="Differentiate"/>.
/// </summary>
internal static class GradientRules
{
    private delegate Node?[] Rule(GraphBuilder graph, Node node, Node gradient);

    private static readonly Dictionary<Op, Rule> s_rules = new()
    {
        [Op.Add] = (_, _, g) => [g, g],
        [Op.Subtract] = (b, _, g) => [g, b.Unary(Op.Negate, g)],
        [Op.Multiply] = (b, n, g) => [b.Multiply(g, n.Inputs[1]), b.Multiply(g, n.Inputs[0])],
        [Op.Negate] = (b, _, g) => [b.Unary(Op.Negate, g)],
        [Op.Exp] = (b, n, g) => [b.Multiply(g, n)],
        [Op.Log] = (b, n, g) => [b.Multiply(g, b.Unary(Op.Exp, b.Unary(Op.Negate, n)))],
        [Op.Tanh] = (b, n, g) => [b.Multiply(g, b.Subtract(b.Constant(1), b.Multiply(n, n)))],
        [Op.Sigmoid] = (b, n, g) => [b.Multiply(g, b.Multiply(n, b.Subtract(b.Constant(1), n)))],
        [Op.ReciprocalSqrt] = (b, n, g) => [b.Multiply(g, b.Multiply(b.Multiply(n, b.Multiply(n, n)), -0.5))],
        [Op.PositivePart] = (b, n, g) => [b.Multiply(g, b.Unary(Op.Step, n.Inputs[0]))],
        [Op.Step] = (_, _, _) => [null],
        [Op.Broadcast] = (b, _, g) => [b.RowSum(g)],
        [Op.RowSum] = (b, n, g) => [b.Broadcast(g, n.Inputs[0].Shape.Columns)],
        [Op.ColumnSum] = (_, _, _) => throw new InvalidOperationException("ColumnSum appears in backward graphs only."),
        [Op.Normalize] = Normalize,
        [Op.MatMul] = (b, n, g) => MatMul(b, n, g, n.Inputs[0]),
        [Op.Gather] = (b, n, g) => [b.Make(Op.ScatterAdd, [g], n.Inputs[0].Shape, n.Payload)],
        [Op.PositionRows] = (b, n, g) => [b.Make(Op.PositionSum, [g], n.Inputs[0].Shape, null)],
        [Op.GatherSum] = (b, n, g) => [b.Make(Op.ScatterSum, [g], n.Inputs[0].Shape, null)],
        [Op.Reshape] = (b, n, g) => [b.Reshape(g, n.Inputs[0].Shape.Rows, n.Inputs[0].Name + ".Gradient")],
        [Op.Concat] = Concat,
        [Op.Rotary] = Rotary,
    };

    /// <summary>Gradients of the inputs of <paramref name="node"/>.</summary>
    public static Node?[] Apply(GraphBuilder graph, Node node, Node gradient) =>
        s_rules.TryGetValue(node.Op, out Rule? rule)
            ? rule(graph, node, gradient)
            : throw new InvalidOperationException($"{node.Op} has no gradient rule.");

    /// <summary>
    /// The total derivative, through the statistics as well, which therefore receive none themselves. With y the result, s the scale:
    /// dx = s·(g − mean(g) − y·mean(g·y)); without a mean (RMSNorm) the first mean is absent (arXiv 1607.06450, 1910.07467).
    /// </summary>
    private static Node?[] Normalize(GraphBuilder graph, Node node, Node gradient)
    {
        bool centred = node.Inputs.Count == 3;
        Node projection = graph.RowMean(graph.Multiply(gradient, node));
        Node inner = graph.Subtract(gradient, graph.Multiply(node, projection));
        if (centred)
        {
            inner = graph.Subtract(inner, graph.RowMean(gradient));
        }

        Node dx = graph.Multiply(inner, node.Inputs[node.Inputs.Count - 1], GradientName(node.Inputs[0]));
        return centred ? [dx, null, null] : [dx, null];
    }

    /// <summary>Y = X·Wᵀ: dX = dY·W, dW = dYᵀ·X; Y = X·W: dX = dY·Wᵀ, dW = Xᵀ·dY.</summary>
    /// <param name="graph">Makes the gradients.</param>
    /// <param name="node">Y.</param>
    /// <param name="gradient">dY.</param>
    /// <param name="input">X as dW reads it: the factor itself, or what computes it again.</param>
    public static Node?[] MatMul(GraphBuilder graph, Node node, Node gradient, Node input)
    {
        var payload = (MatMulPayload)node.Payload!;
        if (payload.TransposeA)
        {
            throw new InvalidOperationException("The gradient of a weight gradient is not defined.");
        }

        Node x = node.Inputs[0];
        Node w = node.Inputs[1];
        Node dx = graph.MatMul(gradient, w, false, !payload.TransposeB, GradientName(x));
        Node dw = payload.TransposeB ? graph.MatMul(gradient, input, true, false) : graph.MatMul(input, gradient, true, false);
        return [dx, dw];
    }

    private static Node?[] Concat(GraphBuilder graph, Node node, Node gradient)
    {
        int start = 0;
        return [.. node.Inputs.Select(input =>
        {
            Node part = graph.Slice(gradient, start, input.Shape.Columns, GradientName(input));
            start += input.Shape.Columns;
            return part;
        })];
    }

    private static Node?[] Rotary(GraphBuilder graph, Node node, Node gradient)
    {
        var payload = (RotaryPayload)node.Payload!;
        return [graph.Rotary(gradient, payload with { Inverse = !payload.Inverse }, GradientName(node.Inputs[0]))];
    }

    public static string GradientName(Node node) => node.Name.Length == 0 ? "" : node.Name + ".Gradient";
}
