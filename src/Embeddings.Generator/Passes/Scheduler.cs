using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>
/// Orders the nodes of one direction of a stage into steps, greedily: while a row kernel is open, every ready node over the same rows
/// joins it; a matrix product takes along the element-wise operations that need only its finished elements. A node that computes a
/// forward value again joins a kernel that has its operands at hand; where none comes by, it runs before its first reader.
/// </summary>
/// <param name="available">Whether a node that is not scheduled here can be read or recomputed in place.</param>
/// <param name="keep">Nodes that must end up in memory.</param>
/// <param name="limits">How far fusion goes.</param>
/// <param name="largestEpilogue">Results that a product's epilogue may store.</param>
internal sealed class Scheduler(
    IReadOnlyList<Node> nodes, Func<Node, bool> available, ISet<Node> keep, FusionLimits limits, int largestEpilogue)
{
    private const int NoColumns = 0;

    private readonly List<Node> _pending = [.. nodes.Where(IsWork)];
    private readonly HashSet<Node> _done = [];
    private readonly ILookup<Node, Node> _consumers = nodes.SelectMany(node => node.Inputs.Select(input => (input, node)))
        .ToLookup(pair => pair.input, pair => pair.node);

    public IReadOnlyList<Step> Run()
    {
        var steps = new List<Step>();
        while (_pending.Count > 0)
        {
            Node next = _pending.FirstOrDefault(node => IsReady(node) && node.Op.IsFusible() && !RidesOnProduct(node) && !WaitsForReader(node))
                ?? _pending.FirstOrDefault(node => IsReady(node) && !RidesOnProduct(node) && !WaitsForReader(node))
                ?? _pending.FirstOrDefault(node => IsReady(node) && !RidesOnProduct(node))
                ?? throw new InvalidOperationException($"No node is ready; the first pending one is {_pending[0]}.");
            next = next.Inputs.FirstOrDefault(input => Recompute.IsAgain(input) && !IsDone(input)) ?? next;
            steps.Add(next.Op.IsFusible() ? RowKernel(next) : next.Op == Op.MatMul ? Product(next) : Call(next));
        }

        return steps;
    }

    private static bool IsWork(Node node) =>
        !node.Op.IsLeaf() && !node.Op.IsView() && node.Op is not (Op.Pick or Op.AccumulateGradient);

    /// <summary>Rows of a table are read where they are needed: they join a kernel but do not open one.</summary>
    private static bool IsRowLoad(Node node) => node.Op is Op.Gather or Op.PositionRows;

    /// <summary>Whether a node opens no step while others can.</summary>
    private static bool WaitsForReader(Node node) => IsRowLoad(node) || Recompute.IsAgain(node);

    /// <summary>Whether the value exists before the step being built.</summary>
    private bool IsDone(Node node)
    {
        if (node.Op.IsLeaf() || _done.Contains(node))
        {
            return true;
        }

        return available(node) || ((node.Op.IsView() || node.Op == Op.Pick) && node.Inputs.All(IsDone));
    }

    private bool IsReady(Node node) => node.Inputs.All(input => IsDone(input) || (node.Op.IsFusible() && IsRowLoad(input))
        || (!node.Op.IsFusible() && Recompute.IsAgain(input) && input.Inputs.All(IsDone)));

    /// <summary>
    /// A column sum of a product's left factor costs nothing inside the product that reads it anyway. One that is the gradient of several
    /// parameters is computed once by itself.
    /// </summary>
    private bool RidesOnProduct(Node node) => limits.BiasGradients && node.Op == Op.ColumnSum && _consumers[node].Count() == 1
        && WeightGradientOf(node) is not null;

    private Node? WeightGradientOf(Node columnSum) => _consumers[columnSum.Inputs[0]]
        .FirstOrDefault(node => node.Op == Op.MatMul && ((MatMulPayload)node.Payload!).TransposeA
            && node.Inputs[0] == columnSum.Inputs[0] && _pending.Contains(node));

    private RowKernelStep RowKernel(Node first)
    {
        var group = new List<Node>();
        var members = new HashSet<Node>();
        int rows = Domain(first).Rows;
        int columns = NoColumns;
        bool grown = true;
        while (grown)
        {
            grown = false;
            foreach (Node node in _pending)
            {
                Shape domain = Domain(node);
                bool fits = group.Count < limits.RowKernel && node.Op.IsFusible() && domain.Rows == rows && domain.IsActivation && !RidesOnProduct(node)
                    && (domain.Columns == 1 || columns is NoColumns || domain.Columns == columns)
                    && !members.Contains(node) && node.Inputs.All(input => members.Contains(input) || IsDone(input))
                    && (!Recompute.IsAgain(node) || node == first || SharesOperands(node, group));
                if (fits)
                {
                    columns = domain.Columns == 1 ? columns : domain.Columns;
                    group.Add(node);
                    members.Add(node);
                    grown = true;
                }
            }
        }

        Finish(group);
        string ended = _pending.Count == 0
            ? "nothing is left"
            : $"the next operation, {Describe(_pending.Find(node => !Recompute.IsAgain(node)) ?? _pending[0])}, is not over rows of {Math.Max(columns, 1)}";
        return new RowKernelStep(group, Stored(group), rows, Math.Max(columns, 1), ended);
    }

    private ProductStep Product(Node product)
    {
        if (((MatMulPayload)product.Payload!).TransposeA)
        {
            Node? bias = _pending.FirstOrDefault(node => RidesOnProduct(node) && WeightGradientOf(node) == product);
            Finish(bias is null ? [product] : [product, bias]);
            return new ProductStep(product, [], [], bias);
        }

        IReadOnlyList<Node> epilogue = Epilogue(product);
        Finish([product, .. epilogue]);
        return new ProductStep(product, epilogue, ResultsOf(product, epilogue), null);
    }

    /// <summary>What is in memory after a product: the product itself only where it must be, or nothing is fused.</summary>
    private IReadOnlyList<Node> ResultsOf(Node product, IReadOnlyList<Node> epilogue) =>
        epilogue.Count == 0 || keep.Contains(product) ? [product, .. Stored(epilogue)] : Stored(epilogue);

    /// <summary>
    /// The element-wise operations on a product's finished elements. All uses of the product must lie inside, so that the raw product
    /// needs no memory of its own unless it must end up there.
    /// </summary>
    private IReadOnlyList<Node> Epilogue(Node product)
    {
        if (largestEpilogue == 0)
        {
            return [];
        }

        var inside = new List<Node> { product };
        bool grown = true;
        while (grown)
        {
            grown = false;
            foreach (Node node in _pending)
            {
                bool fits = node.Op.IsElementwise() && node.Shape == product.Shape && !inside.Contains(node)
                    && (node.Inputs.Any(inside.Contains) || (Recompute.IsAgain(node) && SharesOperands(node, inside)))
                    && node.Inputs.All(input => inside.Contains(input) || IsDone(input));
                if (fits)
                {
                    inside.Add(node);
                    grown = true;
                }
            }
        }

        Prune(inside);
        bool covers = _consumers[product].All(inside.Contains);
        inside.Remove(product);
        return covers && inside.Count > 0 && ResultsOf(product, inside).Count(node => !Recompute.IsAgain(node)) <= largestEpilogue ? inside : [];
    }

    /// <summary>Whether a group computes, in place, some forward value that the node computes too: then it has read what the node needs.</summary>
    private bool SharesOperands(Node node, IReadOnlyList<Node> group)
    {
        HashSet<Node> mine = InPlace([node]);
        return InPlace(group).Any(mine.Contains);
    }

    /// <summary>The element-wise values that exist before this direction and that nodes are computed from.</summary>
    private HashSet<Node> InPlace(IEnumerable<Node> group)
    {
        var found = new HashSet<Node>();
        var pending = new Stack<Node>(group.SelectMany(node => node.Inputs));
        while (pending.Count > 0)
        {
            Node node = pending.Pop();
            if (node.Op.IsElementwise() && !node.Shape.IsRowScalar && available(node) && found.Add(node))
            {
                foreach (Node input in node.Inputs)
                {
                    pending.Push(input);
                }
            }
        }

        return found;
    }

    /// <summary>Drops operations whose result nobody inside uses and that the next kernel can compute from what is stored anyway.</summary>
    private void Prune(List<Node> inside)
    {
        for (int i = inside.Count - 1; i > 0; i--)
        {
            Node node = inside[i];
            bool usedInside = _consumers[node].Any(inside.Contains);
            bool recomputable = node.Inputs.All(input => !inside.Contains(input)
                || (input != inside[0] && _consumers[input].Any(other => other != node && !inside.Contains(other))));
            if (!usedInside && !keep.Contains(node) && recomputable && !NeededWhole(node))
            {
                inside.RemoveAt(i);
            }
        }
    }

    private CallStep Call(Node node)
    {
        Finish([node]);
        return new CallStep(node, node.Op.HasParts() ? [.. _consumers[node].Where(part => part.Op == Op.Pick)] : [node]);
    }

    private void Finish(IReadOnlyList<Node> finished)
    {
        foreach (Node node in finished)
        {
            _done.Add(node);
            _pending.Remove(node);
        }
    }

    /// <summary>The members that others read.</summary>
    private IReadOnlyList<Node> Stored(IReadOnlyList<Node> group) =>
        [.. group.Where(node => node.Op != Op.ColumnSum
            && (keep.Contains(node) || _consumers[node].Any(consumer => !group.Contains(consumer))))];

    /// <summary>Whether an operation that cannot recompute it reads the node.</summary>
    private bool NeededWhole(Node node) =>
        _consumers[node].Any(consumer => !consumer.Op.IsFusible());

    /// <summary>The rows and columns that an operation visits.</summary>
    private static Shape Domain(Node node) => node.Op is Op.RowSum or Op.ColumnSum ? node.Inputs[0].Shape : node.Shape;

    private static string Describe(Node node) => node.Name.Length > 0 ? $"{node.Op} ({node.Name})" : node.Op.ToString();
}
