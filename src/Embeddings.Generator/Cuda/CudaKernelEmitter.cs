using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>
/// Prints row kernels, and epilogues that no product can take along, as CUDA C in the words of the prelude. A warp visits a row, four
/// columns a lane where all addresses allow it; a row sum ends in shuffles. A kernel with column sums gives each block a tile of rows:
/// warps take every eighth row, keep their sums in registers, and the block adds them up in order of warp.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="context">Positions in a sequence, T.</param>
/// <param name="viewOf">Where an activation lies.</param>
/// <param name="isAligned">Whether every row of an operand starts at a multiple of four elements.</param>
/// <param name="isStatistic">Whether a number of each row is a float whatever the precision.</param>
internal sealed class CudaKernelEmitter(
    SourceWriter writer, int context, Func<Node, View> viewOf, Func<Operand, bool> isAligned, Func<Node, bool> isStatistic)
{
    /// <summary>Rows that a block of 256 threads visits at a time: one a warp.</summary>
    public const int RowsPerBlock = 8;

    private const int Lanes = 32;

    /// <summary>Whether a kernel can compute on four columns at once.</summary>
    public bool IsWide(RowKernel kernel) => kernel.Columns % 4 == 0 && kernel.Operands.All(operand =>
        operand.IsNumber || operand.Access == Access.Partial || isAligned(operand));

    /// <summary>Whether blocks own tiles of rows, whose column sums they leave in partial sums.</summary>
    public static bool HasTiles(RowKernel kernel) => kernel.Operands.Any(operand => operand.Access == Access.Partial);

    /// <summary>The kernel's parameters after its operands.</summary>
    public static IEnumerable<string> Sizes(RowKernel kernel) => HasTiles(kernel) ? ["rowCount", "rowsPerTile"] : ["rowCount"];

    public void Print(RowKernel kernel, string summary)
    {
        bool wide = IsWide(kernel);
        var body = new Body(kernel, wide ? 4 : 1);
        writer.Gap();
        writer.Line($"// {summary}");
        writer.Line($"KERNEL(256) {kernel.Name}(");
        foreach (string parameter in Parameters(kernel))
        {
            writer.Line("    " + parameter);
        }

        writer.Open($"    {string.Join(", ", Sizes(kernel).Select(size => "int " + size))})");
        if (HasTiles(kernel))
        {
            Tiles(kernel, body);
        }
        else
        {
            writer.Line($"int row = blockX() * {RowsPerBlock} + warp();");
            writer.Open("if (row >= rowCount)");
            writer.Line("return;");
            writer.Close();
            writer.Gap();
            Row(kernel, body);
        }

        writer.Close();
    }

    private IEnumerable<string> Parameters(RowKernel kernel)
    {
        // An epilogue's finished values lie where its first result goes, so its pointers may meet.
        string restrict = kernel.Operands.Any(operand => operand.Access == Access.Product) ? "" : " RESTRICT";
        foreach (string ids in CpuKernelEmitter.IdsOf(kernel))
        {
            yield return $"const int*{restrict} {ids}, // [R]";
        }

        foreach (Operand operand in kernel.Operands)
        {
            string type = IsFloat(operand) ? "float" : "element";
            string shape = operand.Access == Access.Partial ? $"[tiles, {kernel.Columns}], written" : operand.Node.Shape.ToString();
            string promise = IsUpdatedInPlace(kernel, operand) ? "" : restrict;
            yield return $"{(operand.IsWritten ? "" : "const ")}{type}*{promise} {CpuKernelEmitter.Field(operand)}, // {shape}"
                + (operand.IsWritten && operand.Access != Access.Partial ? ", written" : "");
        }
    }

    private bool IsFloat(Operand operand) => operand.Access switch
    {
        Access.Scalar or Access.Partial or Access.Vector => true,
        Access.RowScalar => isStatistic(operand.Node),
        _ => false,
    };

    /// <summary>Whether another operand is the same memory: a value that is written where the one before it is read.</summary>
    private bool IsUpdatedInPlace(RowKernel kernel, Operand operand) => operand.Access is Access.Row or Access.RowScalar
        && kernel.Operands.Any(other => other != operand && other.Access == operand.Access && viewOf(other.Node) == viewOf(operand.Node));

    private void Tiles(RowKernel kernel, Body body)
    {
        Operand[] partials = [.. kernel.Operands.Where(operand => operand.Access == Access.Partial)];
        foreach (Operand operand in partials)
        {
            writer.Line($"{body.Type} {operand.Name}[{body.Visits}] = {{}};");
        }

        writer.Line("int end = (blockX() + 1) * rowsPerTile < rowCount ? (blockX() + 1) * rowsPerTile : rowCount;");
        writer.Open($"for (int row = blockX() * rowsPerTile + warp(); row < end; row += {RowsPerBlock})");
        Row(kernel, body);
        writer.Close();
        writer.Gap();
        foreach (Operand operand in partials)
        {
            writer.Line($"writeTileSums({operand.Name}, {CpuKernelEmitter.Field(operand)} + (i64)blockX() * {kernel.Columns}, {kernel.Columns});");
        }
    }

    /// <summary>Pointers to the row, then the passes over its columns.</summary>
    private void Row(RowKernel kernel, Body body)
    {
        foreach (Operand operand in kernel.Operands)
        {
            RowPointer(operand);
        }

        foreach (Pass pass in kernel.Passes)
        {
            string[] totals = [.. pass.PerColumn.OfType<RowTotal>().Select(total => total.Local)];
            writer.GapAfterBlock();
            foreach (string total in totals)
            {
                writer.Line($"{body.Type} {total}Columns = {{}};");
            }

            if (pass.PerColumn.Count > 0)
            {
                Columns(pass, body);
            }

            writer.GapAfterBlock();
            foreach (string total in totals)
            {
                writer.Line($"float {total} = warpSum(across({total}Columns));");
            }

            foreach (Statement statement in pass.PerRow)
            {
                RowStatement(statement);
            }
        }
    }

    private void RowPointer(Operand operand)
    {
        string field = CpuKernelEmitter.Field(operand);
        string type = operand.IsWritten ? "element*" : "const element*";
        string? value = operand.Access switch
        {
            Access.Row or Access.Product => $"{type} {operand.Name} = {field} + {RowOffset(viewOf(operand.Node))};",
            Access.RowScalar when !operand.IsWritten => Number(RowOffset(viewOf(operand.Node))),
            Access.PositionRow when operand.IsNumber => Number($"row % {context}"),
            Access.TokenRow when operand.IsNumber => Number($"{operand.Ids}[row]"),
            Access.PositionRow => $"{type} {operand.Name} = {field} + (i64)(row % {context}) * {operand.Node.Shape.Columns};",
            Access.TokenRow => $"{type} {operand.Name} = {field} + (i64){operand.Ids}[row] * {operand.Node.Shape.Columns};",
            Access.Vector => $"const float* {operand.Name} = {field};",
            Access.Scalar => $"float {operand.Name} = *{field};",
            _ => null,
        };
        if (value is not null)
        {
            writer.Line(value);
        }

        string Number(string place) => IsFloat(operand)
            ? $"float {operand.Name} = {field}[{place}];"
            : $"float {operand.Name} = load1({field} + {place});";
    }

    private static string RowOffset(View view) => view switch
    {
        { IsContiguous: true, Columns: 1 } => "row",
        { IsContiguous: true } => $"(i64)row * {view.Columns}",
        { Groups: 1 } => $"(i64)row * {view.TokenStride}",
        _ => $"(i64)(row / {view.Groups}) * {view.TokenStride} + row % {view.Groups} * {view.Columns}",
    };

    private void RowStatement(Statement statement)
    {
        string value = ExpressionPrinter.Bare(Body.OfRow.Print(statement.Value));
        if (statement is Define define)
        {
            writer.GapAfterBlock();
            writer.Line($"float {define.Local} = {value};");
            return;
        }

        Operand target = ((Store)statement).Target;
        string place = RowOffset(viewOf(target.Node));
        writer.Open("if (lane() == 0)");
        writer.Line(IsFloat(target)
            ? $"{CpuKernelEmitter.Field(target)}[{place}] = {value};"
            : $"store({CpuKernelEmitter.Field(target)} + {place}, {value});");
        writer.Close();
    }

    private void Columns(Pass pass, Body body)
    {
        string first = body.Width == 1 ? "lane()" : $"lane() * {body.Width}";
        if (pass.PerColumn.OfType<ColumnTotal>().Any())
        {
            writer.Line("UNROLL");
            writer.Open($"for (int visit = 0; visit < {body.Visits}; visit++)");
            writer.Line($"int column = visit * {body.Stride} + {first};");
            if (body.Columns % body.Stride == 0)
            {
                body.Statements(writer, pass);
            }
            else
            {
                writer.Open($"if (column < {body.Columns})");
                body.Statements(writer, pass);
                writer.Close();
            }
        }
        else
        {
            writer.Open($"for (int column = {first}; column < {body.Columns}; column += {body.Stride})");
            body.Statements(writer, pass);
        }

        writer.Close();
    }

    /// <summary>The inside of a loop over columns, of one or four columns a lane.</summary>
    private sealed class Body(RowKernel kernel, int width)
    {
        /// <summary>Expressions of row scalars.</summary>
        public static readonly ExpressionPrinter OfRow = new(operand => operand.Name, name => name, Number, CudaFunctions.Name);

        private readonly ExpressionPrinter _printer = new(
            operand => operand.IsNumber ? operand.Name : $"load{width}({operand.Name} + column)",
            name => name,
            Number,
            CudaFunctions.Name);

        public int Width => width;

        public int Columns => kernel.Columns;

        public string Type => width == 4 ? "Four" : "float";

        /// <summary>Columns that a warp takes at a time.</summary>
        public int Stride => width * Lanes;

        public int Visits => (kernel.Columns + Stride - 1) / Stride;

        public void Statements(SourceWriter writer, Pass pass)
        {
            foreach (Statement statement in pass.PerColumn)
            {
                string value = ExpressionPrinter.Bare(_printer.Print(statement.Value));
                if (width == 4 && IsOfRow(statement.Value))
                {
                    value = $"spread({value})";
                }

                writer.Line(statement switch
                {
                    Define define => $"{Type} {define.Local} = {value};",
                    Store store => $"store({store.Target.Name} + column, {value});",
                    RowTotal total => $"{total.Local}Columns = {total.Local}Columns + {Term(value)};",
                    ColumnTotal total => $"{total.Target.Name}[visit] = {total.Target.Name}[visit] + {Term(value)};",
                    _ => throw new InvalidOperationException($"{statement.GetType().Name} has no text."),
                });
            }
        }

        /// <summary>Whether a value is the same in every column, so that its text is one float.</summary>
        private static bool IsOfRow(Expression value) => value switch
        {
            Load load => load.Operand.IsNumber,
            Local local => local.IsRowScalar,
            Apply apply => apply.Arguments.All(IsOfRow),
            _ => true,
        };

        /// <summary>In parentheses where it is a sum, outside of calls.</summary>
        private static string Term(string value)
        {
            int depth = 0;
            for (int i = 0; i < value.Length; i++)
            {
                depth += value[i] == '(' ? 1 : value[i] == ')' ? -1 : 0;
                if (depth == 0 && i > 0 && value[i - 1] == ' ' && value[i] is '+' or '-')
                {
                    return $"({value})";
                }
            }

            return value;
        }

        private static string Number(double value)
        {
            string text = ((float)value).ToString("R", CultureInfo.InvariantCulture);
            return text.Contains(".") || text.Contains("E") ? text + "f" : text + ".0f";
        }
    }
}
