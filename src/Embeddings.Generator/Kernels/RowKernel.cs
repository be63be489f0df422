using System.Collections.Generic;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Kernels;

/// <summary>
/// The loop-level form of a fused group, shared by every target: for each row, passes over its columns; a row reduction ends a pass, and
/// statements on row scalars stand between passes.
/// </summary>
/// <param name="Name">Struct's name.</param>
/// <param name="RowsPerToken">Rows of the domain per token.</param>
/// <param name="Columns">Columns of the domain.</param>
/// <param name="Operands">Memory that is read and written, in order of first use.</param>
/// <param name="Passes">In order.</param>
internal sealed record RowKernel(
    string Name, int RowsPerToken, int Columns, IReadOnlyList<Operand> Operands, IReadOnlyList<Pass> Passes);

/// <summary>One visit of a row's columns, then row-scalar statements.</summary>
internal sealed record Pass(IReadOnlyList<Statement> PerColumn, IReadOnlyList<Statement> PerRow);

/// <summary>How an operand is addressed.</summary>
internal enum Access
{
    /// <summary>The row's own elements.</summary>
    Row,

    /// <summary>One number of the row.</summary>
    RowScalar,

    /// <summary>The same vector for every row.</summary>
    Vector,

    /// <summary>The same number for every element.</summary>
    Scalar,

    /// <summary>Row r mod T of a table.</summary>
    PositionRow,

    /// <summary>Row tokens[r] of a table.</summary>
    TokenRow,

    /// <summary>The tile's own partial sums.</summary>
    Partial,

    /// <summary>The finished elements of the product that an epilogue stands in.</summary>
    Product,
}

/// <summary>Memory that a kernel reads or writes.</summary>
/// <param name="Name">Camel case, unique in the kernel.</param>
/// <param name="Node">The node whose value it is.</param>
/// <param name="IsWritten">Whether the kernel writes it.</param>
/// <param name="Ids">Of a token's row: the name of the ids that address it.</param>
internal sealed record Operand(string Name, Node Node, Access Access, bool IsWritten, string Ids = Operand.Tokens)
{
    /// <summary>The tokens of the pass.</summary>
    public const string Tokens = "Tokens";

    /// <summary>Whether it is one number where a row is visited.</summary>
    public bool IsNumber => Access is Access.RowScalar or Access.Scalar
        || (Access is Access.TokenRow or Access.PositionRow && Node.Shape.Columns == 1);
}

/// <summary>A statement of a pass.</summary>
internal abstract record Statement(Expression Value);

/// <summary>Names a value that is used more than once.</summary>
internal sealed record Define(string Local, Expression Value) : Statement(Value);

/// <summary>Writes an operand.</summary>
internal sealed record Store(Operand Target, Expression Value) : Statement(Value);

/// <summary>Adds to the row's sum, which is a row scalar after the pass.</summary>
internal sealed record RowTotal(string Local, Expression Value) : Statement(Value);

/// <summary>Adds to the tile's partial sums of a column.</summary>
internal sealed record ColumnTotal(Operand Target, Expression Value) : Statement(Value);

/// <summary>A value at one column, or of one row.</summary>
internal abstract record Expression;

/// <summary>Reads an operand.</summary>
internal sealed record Load(Operand Operand) : Expression;

/// <summary>A local defined in this pass, or a row scalar.</summary>
internal sealed record Local(string Name, bool IsRowScalar) : Expression;

/// <summary>A number.</summary>
internal sealed record Number(double Value) : Expression;

/// <summary>An operation on values.</summary>
internal sealed record Apply(Op Op, IReadOnlyList<Expression> Arguments) : Expression;
