using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>What the library of matrix products can do to a product's sums before they are stored.</summary>
internal enum ProductFormKind
{
    /// <summary>C = sums.</summary>
    Plain,

    /// <summary>C = sums + bias.</summary>
    Bias,

    /// <summary>C = sums + residual.</summary>
    Residual,

    /// <summary>C = sums + bias + residual.</summary>
    BiasResidual,

    /// <summary>Auxiliary = sums + bias; C = gelu(auxiliary).</summary>
    BiasGelu,

    /// <summary>C = sums · gelu'(auxiliary).</summary>
    GeluGradient,

    /// <summary>None of these: C = sums, and a row kernel after it.</summary>
    Kernel,
}

/// <summary>
/// How a product's epilogue is done on a device. The form is recognised by value, not by shape: the fused expression is computed at a few
/// points and compared with each form, so that it does not matter in which order the graph was built or simplified.
/// </summary>
/// <param name="Bias">The vector that is added to every row.</param>
/// <param name="Residual">The activation that is added.</param>
/// <param name="Auxiliary">The pre-activation that is stored or read.</param>
/// <param name="Target">What C holds.</param>
internal sealed record ProductForm(ProductFormKind Kind, Node Target, Node? Bias = null, Node? Residual = null, Node? Auxiliary = null)
{
    private const double Tolerance = 1e-9;

    private static readonly double[] s_points = [-2.3, -0.71, -0.05, 0.4, 1.27, 3.1];

    /// <param name="step">A product that is not a weight gradient.</param>
    /// <param name="inMemory">Whether a node outside the epilogue can be read; otherwise it is computed again.</param>
    public static ProductForm Of(ProductStep step, Func<Node, bool> inMemory)
    {
        if (step.Epilogue.Count == 0)
        {
            return new ProductForm(ProductFormKind.Plain, step.Product);
        }

        var members = new HashSet<Node>(step.Epilogue);
        Node[] inputs = [.. Inputs(step, members, inMemory)];
        Node[] biases = [.. inputs.Where(node => node.Op == Op.Parameter && node.Shape == Shape.Vector(step.Product.Shape.Columns))];
        Node[] rows = [.. inputs.Where(node => node.Shape.IsActivation && node.Shape == step.Product.Shape)];
        if (biases.Length > 1 || rows.Length > 1 || biases.Length + rows.Length != inputs.Length)
        {
            return Fallback(step);
        }

        Node? bias = biases.FirstOrDefault();
        Node? row = rows.FirstOrDefault();
        return step.Results.Count switch
        {
            1 when bias is not null && row is null && Is(step.Results[0], (sum, b, _) => sum + b) =>
                new ProductForm(ProductFormKind.Bias, step.Results[0], bias),
            1 when bias is null && row is not null && Is(step.Results[0], (sum, _, r) => sum + r) =>
                new ProductForm(ProductFormKind.Residual, step.Results[0], null, row),
            1 when bias is not null && row is not null && Is(step.Results[0], (sum, b, r) => sum + b + r) =>
                new ProductForm(ProductFormKind.BiasResidual, step.Results[0], bias, row),
            1 when bias is null && row is not null && Is(step.Results[0], (sum, _, r) => sum * GeluSlope(r)) =>
                new ProductForm(ProductFormKind.GeluGradient, step.Results[0], null, null, row),
            2 when bias is not null && row is null && Is(step.Results[0], (sum, b, _) => sum + b)
                && Is(step.Results[1], (sum, b, _) => Gelu(sum + b)) =>
                new ProductForm(ProductFormKind.BiasGelu, step.Results[1], bias, null, step.Results[0]),
            _ => Fallback(step),
        };

        bool Is(Node result, Func<double, double, double, double> form) => s_points.All(sum => s_points.All(vector => s_points.All(activation =>
        {
            double expected = form(sum, vector, activation);
            double value = Value(result, node => node == step.Product ? sum : node == bias ? vector : node == row ? activation : null);
            return Math.Abs(value - expected) <= Tolerance * (1 + Math.Abs(expected));
        })));
    }

    private static ProductForm Fallback(ProductStep step) => new(ProductFormKind.Kernel, step.Results[0]);

    /// <summary>What the epilogue reads, beside the product and constants.</summary>
    private static IEnumerable<Node> Inputs(ProductStep step, HashSet<Node> members, Func<Node, bool> inMemory)
    {
        var seen = new HashSet<Node>();
        var pending = new Stack<Node>(step.Results);
        while (pending.Count > 0)
        {
            Node node = pending.Pop();
            if (node == step.Product || node.Op == Op.Constant || !seen.Add(node))
            {
                continue;
            }

            if (!members.Contains(node) && inMemory(node))
            {
                yield return node;
                continue;
            }

            foreach (Node input in node.Inputs)
            {
                pending.Push(input);
            }
        }
    }

    /// <summary>The value of a node, with some given; NaN where it holds an operation that has no value of one number.</summary>
    private static double Value(Node node, Func<Node, double?> given)
    {
        if (given(node) is { } known)
        {
            return known;
        }

        double[] x = [.. node.Inputs.Select(input => Value(input, given))];
        return node.Op switch
        {
            Op.Constant => ((ConstantPayload)node.Payload!).Value,
            Op.Add => x[0] + x[1],
            Op.Subtract => x[0] - x[1],
            Op.Multiply => x[0] * x[1],
            Op.Negate => -x[0],
            Op.Exp => Math.Exp(x[0]),
            Op.Log => Math.Log(x[0]),
            Op.Tanh => Math.Tanh(x[0]),
            Op.Sigmoid => 1 / (1 + Math.Exp(-x[0])),
            Op.ReciprocalSqrt => 1 / Math.Sqrt(x[0]),
            Op.PositivePart => Math.Max(x[0], 0),
            Op.Step => x[0] > 0 ? 1 : 0,
            _ => double.NaN,
        };
    }

    /// <summary>x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), arXiv 1606.08415.</summary>
    private static double Gelu(double x) => x / 2 * (1 + Math.Tanh(Inner(x)));

    private static double GeluSlope(double x)
    {
        double t = Math.Tanh(Inner(x));
        return (1 + t) / 2 + x / 2 * (1 - t * t) * Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    }

    private static double Inner(double x) => Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
}
