using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Kernels;

/// <summary>
/// Turns a fused group into loops. A node's pass is the first in which all row sums it needs are finished; a value needed in a later pass
/// is read back if it was stored and computed again if not.
/// </summary>
internal sealed class BuildRowKernel
{
    private readonly HashSet<Node> _members;
    private readonly HashSet<Node> _results;
    private readonly Func<Node, bool> _inMemory;
    private readonly Node? _product;
    private readonly Dictionary<Node, int> _passOf = [];
    private readonly Dictionary<(Node, bool), Operand> _operands = [];
    private readonly List<Operand> _order = [];
    private readonly Dictionary<Node, string> _rowScalars = [];
    private readonly HashSet<string> _names =
    [
        "row", "column", "tile", "first", "end", "count", // of a kernel's frame on the CPU
        "rowCount", "rowsPerTile", "visit", "lane", "warp", "store", "spread", "across", "larger", "element", // and on a CUDA device
    ];
    private readonly List<Node> _group;

    private BuildRowKernel(IReadOnlyList<Node> group, IReadOnlyList<Node> results, Func<Node, bool> inMemory, Node? product)
    {
        _group = [.. group];
        _members = [.. group];
        _results = [.. results];
        _inMemory = inMemory;
        _product = product;
    }

    /// <param name="group">Fused nodes, in order.</param>
    /// <param name="results">Those that are stored.</param>
    /// <param name="inMemory">Whether a node outside the group can be read; otherwise it is computed again.</param>
    /// <param name="product">The product that an epilogue stands in, or null.</param>
    public static RowKernel Run(
        string name, IReadOnlyList<Node> group, IReadOnlyList<Node> results, int rowsPerToken, int columns,
        Func<Node, bool> inMemory, Node? product = null)
    {
        var build = new BuildRowKernel(group, results, inMemory, product);
        IReadOnlyList<Pass> passes = build.Passes();
        return new RowKernel(name, rowsPerToken, columns, build._order, passes);
    }

    private IReadOnlyList<Pass> Passes()
    {
        int last = _group.Max(PassOf);
        var passes = new List<Pass>();
        for (int pass = 0; pass <= last; pass++)
        {
            passes.Add(Build(pass));
        }

        return passes;
    }

    private Pass Build(int pass)
    {
        Node[] targets = [.. _group.Where(node => PassOf(node) == pass && (IsSum(node) || (_results.Contains(node) && !IsRowScalar(node))))];
        var columns = new List<Statement>();
        var locals = new Dictionary<Node, Expression>();
        Dictionary<Node, int> uses = Uses(targets, pass);
        foreach (Node node in targets)
        {
            if (node.Op == Op.RowSum)
            {
                Expression summand = Value(node.Inputs[0], pass, locals, columns, uses);
                columns.Add(new RowTotal(RowScalarName(node), summand));
            }
            else if (node.Op == Op.ColumnSum)
            {
                Expression summand = Value(node.Inputs[0], pass, locals, columns, uses);
                columns.Add(new ColumnTotal(Written(node, Access.Partial), summand));
            }
            else
            {
                Operand target = Written(node, Access.Row);
                Expression value = Value(node, pass, locals, columns, uses);
                if (value is not Local)
                {
                    string local = UniqueName(LocalName(node));
                    columns.Add(new Define(local, value));
                    value = locals[node] = new Local(local, false);
                }

                columns.Add(new Store(target, value));
            }
        }

        return new Pass(columns, RowStatements(pass));
    }

    /// <summary>Row scalars that follow from the sums of this pass.</summary>
    private List<Statement> RowStatements(int pass)
    {
        var statements = new List<Statement>();
        foreach (Node node in _group.Where(node => IsRowScalar(node) && PassOf(node) == pass))
        {
            if (IsTableNumber(node))
            {
                statements.Add(new Define(RowScalarName(node), Read(node)));
            }
            else if (node.Op != Op.RowSum)
            {
                Expression value = new Apply(node.Op, [.. node.Inputs.Select(RowValue)]);
                statements.Add(new Define(RowScalarName(node), value));
            }

            if (_results.Contains(node))
            {
                statements.Add(new Store(Written(node, Access.RowScalar), new Local(RowScalarName(node), true)));
            }
        }

        return statements;
    }

    private Expression RowValue(Node node)
    {
        if (node.Payload is ConstantPayload constant)
        {
            return new Number(constant.Value);
        }

        if (_members.Contains(node))
        {
            return new Local(RowScalarName(node), true);
        }

        return _inMemory(node) || IsTableNumber(node) ? Read(node) : new Apply(node.Op, [.. node.Inputs.Select(RowValue)]);
    }

    /// <summary>The value of a node at the current column.</summary>
    private Expression Value(
        Node node, int pass, Dictionary<Node, Expression> locals, List<Statement> statements, Dictionary<Node, int> uses)
    {
        if (node.Payload is ConstantPayload constant)
        {
            return new Number(constant.Value);
        }

        if (node.Op == Op.Zeros)
        {
            return new Number(0);
        }

        if (locals.TryGetValue(node, out Expression? known))
        {
            return known;
        }

        if (IsRowScalar(node) && _members.Contains(node))
        {
            return new Local(RowScalarName(node), true);
        }

        Expression value = IsComputedHere(node, pass)
            ? node.Op is Op.Gather or Op.PositionRows
                ? Read(node)
                : new Apply(node.Op, [.. node.Inputs.Select(input => Value(input, pass, locals, statements, uses))])
            : Read(node);
        if (value is Load { Operand.IsNumber: true })
        {
            return value;
        }

        if (uses.TryGetValue(node, out int count) && count > 1)
        {
            string local = UniqueName(LocalName(node));
            statements.Add(new Define(local, value));
            value = new Local(local, false);
            locals[node] = value;
        }

        return value;
    }

    /// <summary>How often each value is needed within a pass.</summary>
    private Dictionary<Node, int> Uses(IEnumerable<Node> targets, int pass)
    {
        var uses = new Dictionary<Node, int>();
        foreach (Node target in targets)
        {
            if (IsSum(target))
            {
                Count(target.Inputs[0]);
            }
            else
            {
                Count(target);
            }
        }

        return uses;

        void Count(Node node)
        {
            uses[node] = uses.TryGetValue(node, out int count) ? count + 1 : 1;
            if (uses[node] == 1 && IsComputedHere(node, pass) && node.Op is not (Op.Gather or Op.PositionRows) && !IsRowScalar(node))
            {
                foreach (Node input in node.Inputs)
                {
                    Count(input);
                }
            }
        }
    }

    private bool IsComputedHere(Node node, int pass)
    {
        if (node == _product || node.Op.IsLeaf() || node.Op.IsView() || node.Op == Op.Pick)
        {
            return false;
        }

        return _members.Contains(node) ? !(_results.Contains(node) && PassOf(node) < pass) : !_inMemory(node);
    }

    private Operand? Existing(Node node, bool written) => _operands.TryGetValue((node, written), out Operand? operand) ? operand : null;

    private Load Read(Node node)
    {
        bool fromTable = node.Op is Op.Gather or Op.PositionRows && (_members.Contains(node) || !_inMemory(node));
        if (!fromTable && _members.Contains(node) && Existing(node, true) is { } written)
        {
            return new Load(written);
        }

        if (Existing(node, false) is { } known)
        {
            return new Load(known);
        }

        Node memory = fromTable ? node.Inputs[0] : node;
        Access access = node == _product ? Access.Product
            : memory != node ? node.Op == Op.Gather ? Access.TokenRow : Access.PositionRow
            : node.Shape == Shape.Vector(1) ? Access.Scalar
            : node.Shape.Kind == ShapeKind.Vector ? Access.Vector
            : node.Shape.IsRowScalar ? Access.RowScalar : Access.Row;
        return new Load(Declare(memory, node, access, false));
    }

    private Operand Written(Node node, Access access) => Existing(node, true) ?? Declare(node, node, access, true);

    private Operand Declare(Node memory, Node key, Access access, bool written)
    {
        string name = access == Access.Product ? "values"
            : access == Access.Partial ? UniqueName(Names.Camel(NameOf(memory.Inputs[0])) + "Sums")
            : UniqueName(Names.Camel(NameOf(memory)));
        var operand = new Operand(name, memory, access, written, (key.Payload as IdsPayload)?.Ids ?? Operand.Tokens);
        _operands.Add((key, written), operand);
        _order.Add(operand);
        return operand;
    }

    private int PassOf(Node node)
    {
        if (_passOf.TryGetValue(node, out int known))
        {
            return known;
        }

        int pass = 0;
        foreach (Node input in node.Inputs.Where(input => _members.Contains(input) || IsComputedHere(input, 0)))
        {
            bool afterSum = IsRowScalar(input) && _members.Contains(input) && !IsRowScalar(node);
            bool sumOfLater = IsRowScalar(input) && _members.Contains(input) && node.Op == Op.RowSum;
            pass = Math.Max(pass, PassOf(input) + (afterSum || sumOfLater ? 1 : 0));
        }

        _passOf[node] = pass;
        return pass;
    }

    private static bool IsSum(Node node) => node.Op is Op.RowSum or Op.ColumnSum;

    private static bool IsRowScalar(Node node) => node.Shape.IsRowScalar;

    /// <summary>Whether it is a row of a table of one column.</summary>
    private static bool IsTableNumber(Node node) => IsRowScalar(node) && node.Op is (Op.Gather or Op.PositionRows);

    private string RowScalarName(Node node)
    {
        if (!_rowScalars.TryGetValue(node, out string? name))
        {
            _rowScalars[node] = name = UniqueName(LocalName(node) + (_results.Contains(node) ? "Value" : ""));
        }

        return name;
    }

    /// <summary>The last part of a name, or a word for the operation.</summary>
    private static string LocalName(Node node)
    {
        string name = node.Name.Length > 0 ? node.Name : Word(node.Op);
        string[] parts = name.Split('.');
        return Names.Camel(parts[parts.Length - 1] == "Gradient" && parts.Length > 1
            ? parts[parts.Length - 2] + "Gradient"
            : parts[parts.Length - 1]);
    }

    private static string NameOf(Node node) => node.Name.Length > 0 ? node.Name
        : node.Inputs.Count > 0 && node.Inputs[0].Name.Length > 0 ? node.Inputs[0].Name + "." + Word(node.Op) : Word(node.Op);

    private static string Word(Op op) => op switch
    {
        Op.Add => "Sum",
        Op.Subtract => "Difference",
        Op.Multiply => "Product",
        Op.RowSum => "RowTotal",
        Op.ReciprocalSqrt => "Scale",
        _ => op.ToString(),
    };

    private string UniqueName(string name)
    {
        string unique = _names.Contains(name) ? name + "Value" : name;
        for (int i = 2; !_names.Add(unique); i++)
        {
            unique = name + i.ToString(CultureInfo.InvariantCulture);
        }

        return unique;
    }
}
