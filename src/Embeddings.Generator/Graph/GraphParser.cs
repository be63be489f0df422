using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Graph;

/// <summary>Reads the text form that <see cref="GraphPrinter"/> writes, so that a pass can be tested on text alone.</summary>
internal static class GraphParser
{
    private static readonly Regex s_line = new(
        @"^%(?<id>\d+) = (?<op>\w+)(\((?<attributes>[^)]*)\))?(?<inputs>( %\d+)*) : \[(?<shape>[^\]]*)\]( ""(?<name>[^""]*)"")?$",
        RegexOptions.CultureInvariant);

    /// <summary>Reads nodes in order; ids are given anew when the text skips some.</summary>
    /// <exception cref="FormatException">A line is not a node, or names an input that no earlier line defines.</exception>
    public static IReadOnlyList<Node> Parse(string text, GraphBuilder builder)
    {
        var nodes = new List<Node>();
        var byId = new Dictionary<string, Node>();
        foreach (string line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            Match match = s_line.Match(line);
            if (!match.Success || !Enum.TryParse(match.Groups["op"].Value, out Op op))
            {
                throw new FormatException($"Not a node: {line}");
            }

            IReadOnlyList<Node> inputs = [.. Ids(match.Groups["inputs"].Value).Select(id => byId.TryGetValue(id, out Node? input)
                ? input
                : throw new FormatException($"Input %{id} is not defined before: {line}"))];
            Node node = builder.Make(
                op, inputs, ShapeOf(match.Groups["shape"].Value), PayloadOf(op, match.Groups["attributes"].Value), match.Groups["name"].Value);
            byId[match.Groups["id"].Value] = node;
            nodes.Add(node);
        }

        return nodes;
    }

    private static IEnumerable<string> Ids(string text) =>
        text.Split([' '], StringSplitOptions.RemoveEmptyEntries).Select(id => id.Substring(1));

    private static Shape ShapeOf(string text)
    {
        if (text.Length == 0)
        {
            return Shape.Scalar;
        }

        string[] axes = [.. text.Split(',').Select(axis => axis.Trim())];
        if (axes.Length == 1)
        {
            return Shape.Vector(Integer(axes[0]));
        }

        if (axes[0].StartsWith("R", StringComparison.Ordinal))
        {
            return Shape.Activation(Integer(axes[1]), axes[0].Length > 1 ? Integer(axes[0].Substring(2)) : 1);
        }

        return Shape.Matrix(Integer(axes[0]), Integer(axes[1]));
    }

    private static Payload? PayloadOf(Op op, string text)
    {
        string[] values = [.. text.Split(',').Select(value => value.Trim())];
        return op switch
        {
            Op.Parameter or Op.AccumulateGradient => new ParameterPayload(text),
            Op.Constant => new ConstantPayload(Real(text)),
            Op.Slice or Op.Zeros => new SlicePayload(Integer(text)),
            Op.MatMul => new MatMulPayload(text.Contains("transposeA"), text.Contains("transposeB")),
            Op.Attention or Op.GeneralAttention or Op.AttentionGradient or Op.GeneralAttentionGradient => AttentionOf(values),
            Op.Rotary => new RotaryPayload(Integer(values[0]), Integer(values[1]), text.Contains("inverse")),
            Op.LinearCrossEntropy or Op.LinearCrossEntropyGradient or Op.ByteCrossEntropy or Op.ByteCrossEntropyGradient => values.Length == 1
                ? new CrossEntropyPayload(Real(text))
                : new CrossEntropyPayload(Real(values[0]), Integer(values[1]), Real(values[2])),
            Op.OutputGradient or Op.InitialGradient when text.Length > 0 => new WalkPayload(text),
            Op.Gather or Op.ScatterAdd when text.Length > 0 => new IdsPayload(text),
            Op.TokenPlace => new TokenPlacePayload(Integer(values[0]), Integer(values[1]), values.Contains("share")),
            Op.Pick => new PickPayload(Integer(text)),
            _ when text == RecomputedPayload.Word => new RecomputedPayload(),
            _ => null,
        };
    }

    private static AttentionPayload AttentionOf(string[] values)
    {
        string? After(string word) => values.FirstOrDefault(value => value.StartsWith(word + " ", StringComparison.Ordinal))?.Substring(word.Length + 1);

        return new AttentionPayload(
            Integer(values[0]), Integer(values[1]), Integer(values[2]), Real(values[3]),
            After("windows") is { } windows ? new EquatableArray<int>(windows.Split(' ').Select(Integer)) : default,
            values.Contains("slopes"),
            After("reach") is { } reach ? Integer(reach) : null);
    }

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Real(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
