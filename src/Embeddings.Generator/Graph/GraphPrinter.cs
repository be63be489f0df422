using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Embeddings.Generator.Graph;

/// <summary>
/// The text form of a graph, one node a line: <c>%4 = Add %2 %3 : [R, 64] "Attention.Residual"</c>. <see cref="GraphParser"/> reads it.
/// </summary>
internal static class GraphPrinter
{
    public static string Print(IEnumerable<Node> nodes)
    {
        var text = new StringBuilder();
        foreach (Node node in nodes)
        {
            text.Append(Print(node)).Append('\n');
        }

        return text.ToString();
    }

    public static string Print(Node node)
    {
        var text = new StringBuilder();
        text.AppendFormat(CultureInfo.InvariantCulture, "%{0} = {1}", node.Id, node.Op);
        if (Attributes(node.Payload) is { Length: > 0 } attributes)
        {
            text.Append('(').Append(attributes).Append(')');
        }

        foreach (int input in node.Inputs.Select(input => input.Id))
        {
            text.AppendFormat(CultureInfo.InvariantCulture, " %{0}", input);
        }

        text.Append(" : ").Append(node.Shape);
        if (node.Name.Length > 0)
        {
            text.Append(" \"").Append(node.Name).Append('"');
        }

        return text.ToString();
    }

    /// <summary>Shortest text that reads back as the same number, whatever the culture.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Attributes(Payload? payload) => payload switch
    {
        ParameterPayload p => p.Parameter,
        ConstantPayload p => Number(p.Value),
        SlicePayload p => Join(p.Start),
        MatMulPayload p => (p.TransposeA ? "transposeA" : "") + (p.TransposeB ? "transposeB" : ""),
        AttentionPayload p => Join(p.Heads, p.KeyValueHeads, p.HeadWidth) + ", " + Number(p.Scale)
            + (p.Windows.Count > 0 ? ", windows " + string.Join(" ", p.Windows.Select(window => Join(window))) : "")
            + (p.Slopes ? ", slopes" : "")
            + (p.Reach is { } reach ? ", reach " + Join(reach) : ""),
        RotaryPayload p => Join(p.Heads, p.HeadWidth) + (p.Inverse ? ", inverse" : ""),
        CrossEntropyPayload p => Number(p.SoftCap) + (p.Ahead > 0 ? $", {Join(p.Ahead)}, {Number(p.Weight)}" : ""),
        WalkPayload p => p.Walk,
        IdsPayload p => p.Ids,
        TokenPlacePayload p => Join(p.Place, p.Places) + (p.IsShare ? ", share" : ""),
        PickPayload p => Join(p.Index),
        RecomputedPayload => RecomputedPayload.Word,
        _ => "",
    };

    private static string Join(params int[] values) =>
        string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
