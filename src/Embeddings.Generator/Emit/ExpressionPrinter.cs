using System;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;

namespace Embeddings.Generator.Emit;

/// <summary>Prints expressions of the loop-level form; a target supplies how it loads, names row scalars and calls functions.</summary>
/// <param name="Load">Text of reading an operand at the current column.</param>
/// <param name="RowScalar">Text of a row scalar where a column value is expected.</param>
/// <param name="Number">Text of a number.</param>
/// <param name="Function">Name of a function of one argument.</param>
internal sealed record ExpressionPrinter(
    Func<Operand, string> Load, Func<string, string> RowScalar, Func<double, string> Number, Func<Op, string> Function)
{
    public string Print(Expression expression) => expression switch
    {
        Load load => Load(load.Operand),
        Local { IsRowScalar: true } local => RowScalar(local.Name),
        Local local => local.Name,
        Number number => Number(number.Value),
        Apply apply => Print(apply),
        _ => throw new InvalidOperationException($"{expression.GetType().Name} has no text."),
    };

    private string Print(Apply apply)
    {
        string[] a = [.. apply.Arguments.Select(Print)];
        return apply.Op switch
        {
            Op.Add => $"({a[0]} + {a[1]})",
            Op.Subtract => $"({a[0]} - {a[1]})",
            Op.Multiply => $"{a[0]} * {a[1]}",
            Op.Negate => $"(-{a[0]})",
            Op.Broadcast => a[0],
            Op.Normalize => a.Length == 3 ? $"({a[0]} - {a[1]}) * {a[2]}" : $"{a[0]} * {a[1]}",
            _ => $"{Function(apply.Op)}({string.Join(", ", a)})",
        };
    }

    /// <summary>Drops one pair of parentheses around the whole text.</summary>
    public static string Bare(string text)
    {
        if (!text.StartsWith("(", StringComparison.Ordinal) || !text.EndsWith(")", StringComparison.Ordinal))
        {
            return text;
        }

        int depth = 0;
        for (int i = 0; i < text.Length - 1; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth == 0)
            {
                return text;
            }
        }

        return text.Substring(1, text.Length - 2);
    }
}
