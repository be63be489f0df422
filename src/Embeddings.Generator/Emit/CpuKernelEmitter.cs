using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>Prints row kernels and product epilogues as C# structs over <c>Vector&lt;T&gt;</c>, with a scalar tail only where the width needs one.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="context">Positions in a sequence, T.</param>
/// <param name="viewOf">Where an activation lies.</param>
internal sealed class CpuKernelEmitter(SourceWriter writer, int context, Func<Node, View> viewOf)
{
    /// <summary>Widths that are a multiple of this need no tail: it is the most lanes a vector can have.</summary>
    private const int MostLanes = 16;

    private static readonly ExpressionPrinter s_vector = new(
        operand => operand.IsNumber ? $"new Vector<T>({operand.Name})" : $"Lanes.Load({operand.Name} + column)",
        name => $"new Vector<T>({name})",
        value => $"Lanes.Splat<T>({GraphPrinter.Number(value)})",
        Function);

    private static readonly ExpressionPrinter s_scalar = new(
        operand => operand.IsNumber ? operand.Name : $"{operand.Name}[column]",
        name => name,
        value => $"Lanes.Scalar<T>({GraphPrinter.Number(value)})",
        Function);

    private static readonly ExpressionPrinter s_row = s_scalar with { Load = operand => operand.Name };

    /// <summary>A struct that <c>WorkerPool.RunRows</c> runs.</summary>
    public void RowKernel(RowKernel kernel, string summary)
    {
        Head(kernel, summary, "IRowKernel");
        writer.Open("public readonly void Run(int tile, int first, int end)");
        foreach (Operand operand in kernel.Operands.Where(operand => operand.Access == Access.Partial))
        {
            writer.Line($"T* {operand.Name} = {Field(operand)} + tile * {kernel.Columns}L;");
            writer.Line($"new Span<T>({operand.Name}, {kernel.Columns}).Clear();");
        }

        foreach (Operand operand in kernel.Operands)
        {
            Shared(operand);
        }

        writer.Open("for (int row = first; row < end; row++)");
        foreach (Operand operand in kernel.Operands)
        {
            RowPointer(operand);
        }

        Passes(kernel, "0", kernel.Columns.ToString(System.Globalization.CultureInfo.InvariantCulture));
        writer.Close();
        writer.Close();
        writer.Close();
    }

    /// <summary>A struct that a matrix product applies to each finished stretch of a row.</summary>
    public void Epilogue(RowKernel kernel, string summary)
    {
        Head(kernel, summary, "IEpilogue<T>");
        writer.Open("public readonly void Apply(int row, int first, int count, T* values)");
        writer.Line("values -= first;");
        writer.Line("int end = first + count;");
        foreach (Operand operand in kernel.Operands)
        {
            Shared(operand);
            RowPointer(operand);
        }

        Passes(kernel, "first", "end", alwaysTail: true);
        writer.Close();
        writer.Close();
    }

    /// <summary>Names of the ids that address rows of tables in a kernel.</summary>
    public static IEnumerable<string> IdsOf(RowKernel kernel) =>
        kernel.Operands.Where(operand => operand.Access == Access.TokenRow).Select(operand => operand.Ids).Distinct();

    /// <summary>Declares an operand that is the same for every row.</summary>
    private void Shared(Operand operand)
    {
        if (operand.Access == Access.Vector)
        {
            writer.Line($"T* {operand.Name} = {Field(operand)};");
        }
        else if (operand.Access == Access.Scalar)
        {
            writer.Line($"T {operand.Name} = *{Field(operand)};");
        }
    }

    public static string Field(Operand operand) => Names.Pascal(operand.Name);

    private void Head(RowKernel kernel, string summary, string contract)
    {
        writer.Gap();
        writer.Line($"/// <summary>{summary}</summary>");
        writer.Open($"private struct {kernel.Name} : {contract}");
        foreach (string ids in IdsOf(kernel))
        {
            writer.Line($"public int* {ids}; // [R]");
        }

        foreach (Operand operand in kernel.Operands.Where(operand => operand.Access != Access.Product))
        {
            writer.Line($"public T* {Field(operand)}; // {operand.Node.Shape}{(operand.IsWritten ? ", written" : "")}");
        }

        writer.Line();
    }

    /// <summary>Points at the current row of an operand, or reads its number.</summary>
    private void RowPointer(Operand operand)
    {
        string name = operand.Name;
        switch (operand.Access)
        {
            case Access.Row:
                writer.Line($"T* {name} = {Field(operand)} + {RowOffset(viewOf(operand.Node))};");
                break;
            case Access.RowScalar when !operand.IsWritten:
                writer.Line($"T {name} = {Field(operand)}[{RowOffset(viewOf(operand.Node))}];");
                break;
            case Access.PositionRow when operand.IsNumber:
                writer.Line($"T {name} = {Field(operand)}[row % {context}];");
                break;
            case Access.TokenRow when operand.IsNumber:
                writer.Line($"T {name} = {Field(operand)}[{operand.Ids}[row]];");
                break;
            case Access.PositionRow:
                writer.Line($"T* {name} = {Field(operand)} + row % {context} * {operand.Node.Shape.Columns}L;");
                break;
            case Access.TokenRow:
                writer.Line($"T* {name} = {Field(operand)} + {operand.Ids}[row] * {operand.Node.Shape.Columns}L;");
                break;
        }
    }

    private static string RowOffset(View view) => view switch
    {
        { IsContiguous: true, Columns: 1 } => "row",
        { IsContiguous: true } => $"row * {view.Columns}L",
        { Groups: 1 } => $"row * {view.TokenStride}L",
        _ => $"row / {view.Groups} * {view.TokenStride}L + row % {view.Groups} * {view.Columns}L",
    };

    private void Passes(RowKernel kernel, string from, string to, bool alwaysTail = false)
    {
        bool tail = alwaysTail || kernel.Columns % MostLanes != 0;
        foreach (Pass pass in kernel.Passes)
        {
            string[] totals = [.. pass.PerColumn.OfType<RowTotal>().Select(total => total.Local)];
            foreach (string total in totals)
            {
                writer.Line($"var {total}Lanes = Vector<T>.Zero;");
                if (tail)
                {
                    writer.Line($"T {total}Tail = T.Zero;");
                }
            }

            if (pass.PerColumn.Count > 0)
            {
                Columns(pass, from, to, tail);
            }

            foreach (string total in totals)
            {
                writer.Line($"T {total} = Lanes.Sum({total}Lanes){(tail ? $" + {total}Tail" : "")};");
            }

            foreach (Statement statement in pass.PerRow)
            {
                string value = ExpressionPrinter.Bare(s_row.Print(statement.Value));
                writer.Line(statement is Define define
                    ? $"T {define.Local} = {value};"
                    : $"{Field(((Store)statement).Target)}[{RowOffset(viewOf(((Store)statement).Target.Node))}] = {value};");
            }
        }
    }

    private void Columns(Pass pass, string from, string to, bool tail)
    {
        if (!tail)
        {
            writer.Open($"for (int column = {from}; column < {to}; column += Vector<T>.Count)");
            Body(pass, vector: true);
            writer.Close();
            return;
        }

        writer.Open("");
        writer.Line($"int column = {from};");
        writer.Open($"for (; column <= {to} - Vector<T>.Count; column += Vector<T>.Count)");
        Body(pass, vector: true);
        writer.Close();
        writer.Gap();
        writer.Open($"for (; column < {to}; column++)");
        Body(pass, vector: false);
        writer.Close();
        writer.Close();
    }

    private void Body(Pass pass, bool vector)
    {
        ExpressionPrinter printer = vector ? s_vector : s_scalar;
        foreach (Statement statement in pass.PerColumn)
        {
            string value = ExpressionPrinter.Bare(printer.Print(statement.Value));
            writer.Line(statement switch
            {
                Define define => $"{(vector ? "var" : "T")} {define.Local} = {value};",
                Store store => vector ? $"Lanes.Store({store.Target.Name} + column, {value});" : $"{store.Target.Name}[column] = {value};",
                RowTotal total => vector ? $"{total.Local}Lanes += {value};" : $"{total.Local}Tail += {value};",
                ColumnTotal total => vector
                    ? $"Lanes.Store({total.Target.Name} + column, Lanes.Load({total.Target.Name} + column) + {Term(value)});"
                    : $"{total.Target.Name}[column] += {value};",
                _ => throw new InvalidOperationException($"{statement.GetType().Name} has no text."),
            });
        }
    }

    private static string Term(string value) => value.Contains(" - ") || value.Contains(" + ") ? $"({value})" : value;

    private static string Function(Op op) => op switch
    {
        Op.Exp => "Lanes.Exp",
        Op.Log => "Lanes.Log",
        Op.Tanh => "Lanes.Tanh",
        Op.Sigmoid => "Lanes.Sigmoid",
        Op.ReciprocalSqrt => "Lanes.ReciprocalSqrt",
        Op.PositivePart => "Lanes.PositivePart",
        Op.Step => "Lanes.Step",
        _ => throw new InvalidOperationException($"{op} is not a function of one value."),
    };
}
