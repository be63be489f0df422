using System;
using System.Collections.Generic;
using System.Linq;

namespace Embeddings.Generator.Graph;

/// <summary>
/// Makes nodes, infers their shapes, and returns the existing node for an operation it has made before (common subexpressions exist once
/// by construction). Trivial arithmetic is folded on the way: x·1, x + 0, constants.
/// </summary>
internal sealed class GraphBuilder
{
    private readonly Dictionary<Key, Node> _made;
    private readonly Counter _ids;

    public GraphBuilder()
        : this([], new Counter())
    {
    }

    private GraphBuilder(Dictionary<Key, Node> made, Counter ids)
    {
        _made = made;
        _ids = ids;
    }

    /// <summary>
    /// A builder that knows the nodes made so far but makes further ones of its own: each reverse walk has one, so that two walks share
    /// the forward and no work that one of them might not do.
    /// </summary>
    public GraphBuilder Fork() => new(new Dictionary<Key, Node>(_made), _ids);

    public Node Parameter(string name, Shape shape) => Make(Op.Parameter, [], shape, new ParameterPayload(name), name);

    public Node Constant(double value) => Make(Op.Constant, [], Shape.Scalar, new ConstantPayload(value));

    public Node StageInput(int columns, string name) => Make(Op.StageInput, [], Shape.Activation(columns), null, name);

    public Node InitialResidual(int columns, string name) => Make(Op.InitialResidual, [], Shape.Activation(columns), null, name);

    /// <summary>The gradient of the initial residual stream that the layers above have left, in one reverse walk.</summary>
    public Node InitialGradient(int columns, string name, string walk = "") =>
        Make(Op.InitialGradient, [], Shape.Activation(columns), walk.Length == 0 ? null : new WalkPayload(walk), name);

    /// <summary>The gradient of the stage's output in one reverse walk; the main walk's name is empty.</summary>
    public Node OutputGradient(int columns, string name, string walk = "") =>
        Make(Op.OutputGradient, [], Shape.Activation(columns), walk.Length == 0 ? null : new WalkPayload(walk), name);

    /// <summary>The same values, which no gradient passes.</summary>
    public Node StopGradient(Node x, string name = "") => Make(Op.StopGradient, [x], x.Shape, null, name);

    /// <summary>Zeros in the place of a slice that starts at a column of a wider row.</summary>
    public Node Zeros(int columns, int start, string name) => Make(Op.Zeros, [], Shape.Activation(columns), new SlicePayload(start), name);

    /// <param name="table">[V, C].</param>
    /// <param name="name">Its place in the model.</param>
    /// <param name="ids">Which ids address the rows; null is the tokens of the pass.</param>
    public Node Gather(Node table, string name = "", IdsPayload? ids = null) =>
        Make(Op.Gather, [table], Shape.Activation(table.Shape.Columns), ids, name);

    public Node TokenPlace(TokenPlacePayload payload, string name) => Make(Op.TokenPlace, [], Shape.Activation(1), payload, name);

    public Node GatherSum(Node table, string name = "") => Make(Op.GatherSum, [table], Shape.Activation(table.Shape.Columns), null, name);

    public Node PositionRows(Node table, string name = "") =>
        Make(Op.PositionRows, [table], Shape.Activation(table.Shape.Columns), null, name);

    public Node Slice(Node x, int start, int count, string name = "") =>
        start == 0 && count == x.Shape.Columns
            ? x
            : Make(Op.Slice, [x], Shape.Activation(count, x.Shape.Rows), new SlicePayload(start), name);

    public Node Concat(IReadOnlyList<Node> parts, string name = "") =>
        parts.Count == 1
            ? parts[0]
            : Make(Op.Concat, [.. parts], Shape.Activation(parts.Sum(part => part.Shape.Columns), parts[0].Shape.Rows), null, name);

    public Node Reshape(Node x, int rowsPerToken, string name = "") =>
        x.Shape.Rows == rowsPerToken
            ? x
            : Make(Op.Reshape, [x], Shape.Activation(x.Shape.PerToken / rowsPerToken, rowsPerToken), null, name);

    public Node Add(Node a, Node b, string name = "")
    {
        if (IsConstant(a, 0) && Broadcasts(a, b))
        {
            return b;
        }

        return IsConstant(b, 0) ? a : Binary(Op.Add, a, b, name, (x, y) => x + y);
    }

    public Node Subtract(Node a, Node b, string name = "") =>
        IsConstant(b, 0) ? a : Binary(Op.Subtract, a, b, name, (x, y) => x - y);

    public Node Multiply(Node a, Node b, string name = "")
    {
        if (IsConstant(a, 1))
        {
            return b;
        }

        return IsConstant(b, 1) ? a : Binary(Op.Multiply, a, b, name, (x, y) => x * y);
    }

    public Node Multiply(Node a, double b, string name = "") => Multiply(a, Constant(b), name);

    public Node Add(Node a, double b, string name = "") => Add(a, Constant(b), name);

    /// <summary>An element-wise function of one input.</summary>
    public Node Unary(Op op, Node x, string name = "") => Make(op, [x], x.Shape, null, name);

    public Node Broadcast(Node x, int columns) =>
        x.Shape.Columns == columns ? x : Make(Op.Broadcast, [x], Shape.Activation(columns, x.Shape.Rows), null);

    /// <summary>(x − mean)·scale, where mean (null: none) and scale are statistics of the same row of x.</summary>
    public Node Normalize(Node x, Node? mean, Node scale, string name = "") =>
        Make(Op.Normalize, mean is null ? [x, scale] : [x, mean, scale], x.Shape, null, name);

    public Node RowSum(Node x, string name = "") => Make(Op.RowSum, [x], Shape.Activation(1, x.Shape.Rows), null, name);

    public Node RowMean(Node x, string name = "") => Multiply(RowSum(x), 1.0 / x.Shape.Columns, name);

    public Node ColumnSum(Node x, string name = "") => Make(Op.ColumnSum, [x], Shape.Vector(x.Shape.Columns), null, name);

    public Node MatMul(Node a, Node b, bool transposeA, bool transposeB, string name = "")
    {
        int inner = transposeA ? -1 : a.Shape.Columns;
        int innerB = transposeB ? b.Shape.Columns : b.Shape.IsActivation ? -1 : b.Shape.Rows;
        if (inner != innerB)
        {
            throw new InvalidOperationException($"MatMul {name}: inner sizes of {a.Shape} and {b.Shape} differ.");
        }

        int columns = transposeB ? b.Shape.Rows : b.Shape.Columns;
        Shape shape = transposeA ? Shape.Matrix(a.Shape.Columns, columns) : Shape.Activation(columns);
        return Make(Op.MatMul, [a, b], shape, new MatMulPayload(transposeA, transposeB), name);
    }

    public Node Rotary(Node x, RotaryPayload payload, string name = "") => Make(Op.Rotary, [x], x.Shape, payload, name);

    /// <summary>Attention's output [R, H·D] and log-sum-exp [R, H], which only a gradient reads.</summary>
    public (Node Output, Node LogSumExp) Attention(Node q, Node k, Node v, AttentionPayload payload, string name)
    {
        bool isConstant = new[] { q, k, v }.All(input => input.Op == Op.StopGradient);
        Node attention = Make(payload.IsGeneral || isConstant ? Op.GeneralAttention : Op.Attention, [q, k, v], q.Shape, payload, name + ".Kernel");
        return (Pick(attention, 0, Shape.Activation(payload.Heads * payload.HeadWidth), name),
            Pick(attention, 1, Shape.Activation(payload.Heads), name + ".LogSumExp"));
    }

    public Node LinearCrossEntropy(Node x, Node head, CrossEntropyPayload payload, string name) =>
        Make(Op.LinearCrossEntropy, [x, head], Shape.Activation(1), payload, name);

    public Node ByteCrossEntropy(Node state, Node prefix, Node symbols, CrossEntropyPayload payload, string name) =>
        Make(Op.ByteCrossEntropy, [state, prefix, symbols], Shape.Activation(1), payload, name);

    /// <summary>Any other operation, with its shape given.</summary>
    public Node Make(Op op, IReadOnlyList<Node> inputs, Shape shape, Payload? payload, string name = "")
    {
        var key = new Key(op, inputs, shape, payload);
        if (!_made.TryGetValue(key, out Node? node))
        {
            node = new Node(_ids.Next++, op, inputs, shape, payload, name);
            _made.Add(key, node);
        }

        return node;
    }

    public Node Pick(Node node, int index, Shape shape, string name) => Make(Op.Pick, [node], shape, new PickPayload(index), name);

    private Node Binary(Op op, Node a, Node b, string name, Func<double, double, double> fold)
    {
        if (a.Payload is ConstantPayload x && b.Payload is ConstantPayload y)
        {
            return Constant(fold(x.Value, y.Value));
        }

        return Make(op, [a, b], BroadcastShape(op, a.Shape, b.Shape), null, name);
    }

    private static bool IsConstant(Node node, double value) => node.Payload is ConstantPayload constant && constant.Value == value;

    private static bool Broadcasts(Node from, Node to) => from.Shape.Kind == ShapeKind.Scalar || from.Shape == to.Shape;

    /// <summary>The shape of an element-wise operation on two shapes.</summary>
    private static Shape BroadcastShape(Op op, Shape a, Shape b)
    {
        if (a.Kind < b.Kind || (a.Kind == b.Kind && a.Columns < b.Columns))
        {
            (a, b) = (b, a);
        }

        bool fits = b.Kind switch
        {
            ShapeKind.Scalar => true,
            ShapeKind.Vector => a.Columns == b.Columns || b.Columns == 1,
            ShapeKind.Activation => a.Rows == b.Rows && (a.Columns == b.Columns || b.Columns == 1),
            _ => a == b,
        };
        return fits ? a : throw new InvalidOperationException($"{op}: {a} and {b} do not broadcast.");
    }

    /// <summary>Ids in order of creation, over all forks.</summary>
    private sealed class Counter
    {
        public int Next { get; set; }
    }

    private sealed class Key(Op op, IReadOnlyList<Node> inputs, Shape shape, Payload? payload) : IEquatable<Key>
    {
        private readonly Op _op = op;
        private readonly IReadOnlyList<Node> _inputs = inputs;
        private readonly Shape _shape = shape;
        private readonly Payload? _payload = payload;

        public bool Equals(Key? other) =>
            other is not null && _op == other._op && _shape == other._shape && Equals(_payload, other._payload)
            && _inputs.SequenceEqual(other._inputs);

        public override bool Equals(object? obj) => Equals(obj as Key);

        public override int GetHashCode()
        {
            unchecked
            {
                int hash = (int)_op * 397 ^ _shape.GetHashCode();
                foreach (Node input in _inputs)
                {
                    hash = hash * 31 + input.Id;
                }

                return hash * 31 + (_payload?.GetHashCode() ?? 0);
            }
        }
    }
}
