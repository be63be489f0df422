using System;
using System.Collections.Generic;
using System.Linq;

namespace Embeddings.Generator.Graph;

/// <summary>Checks a graph after each pass: order, arity and shapes. A violation is a bug in a pass, reported with the pass's name.</summary>
internal static class GraphVerifier
{
    /// <exception cref="InvalidOperationException">A node is malformed.</exception>
    public static void Verify(IReadOnlyList<Node> nodes)
    {
        var defined = new HashSet<Node>();
        foreach (Node node in nodes)
        {
            Require(node, node.Inputs.All(defined.Contains), "uses a node that is not computed before it");
            Require(node, defined.Add(node), "stands twice");
            if (Problem(node) is { } problem)
            {
                Require(node, false, problem);
            }
        }
    }

    private static string? Problem(Node node)
    {
        Shape[] inputs = [.. node.Inputs.Select(input => input.Shape)];
        switch (node.Op)
        {
            case Op.Add or Op.Subtract or Op.Multiply:
                return inputs.Length != 2 ? "takes two inputs"
                    : inputs.Any(shape => shape.Columns != 1 && shape.Columns != node.Shape.Columns) ? "broadcasts wrongly" : null;
            case Op.Negate or Op.Exp or Op.Log or Op.Tanh or Op.Sigmoid or Op.ReciprocalSqrt or Op.PositivePart or Op.Step or Op.StopGradient:
                return inputs.Length != 1 || inputs[0] != node.Shape ? "must keep the shape of its input" : null;
            case Op.MatMul:
                return ProductProblem((MatMulPayload)node.Payload!, inputs, node.Shape);
            case Op.Slice:
                return ((SlicePayload)node.Payload!).Start + node.Shape.Columns > inputs[0].Columns ? "reaches past its input" : null;
            case Op.Concat:
                return inputs.Sum(shape => shape.Columns) != node.Shape.Columns ? "is not as wide as its parts" : null;
            case Op.Reshape:
                return inputs[0].PerToken != node.Shape.PerToken ? "changes the number of elements" : null;
            case Op.RowSum:
                return node.Shape.Columns != 1 || node.Shape.Rows != inputs[0].Rows ? "must give one number per row" : null;
            case Op.ColumnSum:
                return node.Shape != Shape.Vector(inputs[0].Columns) ? "must give one number per column" : null;
            case Op.Pick:
                return !node.Inputs[0].Op.HasParts() ? "picks from a node with one result" : null;
            case Op.Normalize:
                return inputs.Skip(1).Any(shape => !shape.IsRowScalar) ? "needs row statistics" : null;
            default:
                return node.Op.IsLeaf() && inputs.Length != 0 ? "is a leaf with inputs" : null;
        }
    }

    /// <summary>[M, K]·[K, N] → [M, N], where an axis of rows may be R.</summary>
    private static string? ProductProblem(MatMulPayload payload, Shape[] inputs, Shape result)
    {
        if (inputs.Length != 2)
        {
            return "takes two inputs";
        }

        ((bool, int) outer, (bool, int) inner) = Axes(inputs[0], payload.TransposeA);
        ((bool, int) otherInner, (bool, int) otherOuter) = Axes(inputs[1], payload.TransposeB);
        return inner != otherInner ? "multiplies sides that do not fit"
            : Axes(result, false) != (outer, otherOuter) ? "has another shape than its product" : null;
    }

    private static ((bool IsActivation, int Count) Rows, (bool IsActivation, int Count) Columns) Axes(Shape shape, bool transposed)
    {
        (bool, int) rows = (shape.IsActivation, shape.Rows);
        (bool, int) columns = (false, shape.Columns);
        return transposed ? (columns, rows) : (rows, columns);
    }

    private static void Require(Node node, bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{GraphPrinter.Print(node)} {problem}.");
        }
    }
}
