using System;
using System.Collections.Generic;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Passes;

/// <summary>One reverse walk from the losses to the embedding, with a stream of residual gradients of its own.</summary>
/// <param name="Name">Part of the names in generated code; empty for the main walk.</param>
/// <param name="Reach">Largest distance that the gradient travels back through attention; null is any.</param>
/// <param name="Head">The walk whose gradient of the head this one starts from; its own name where it runs the head itself.</param>
internal sealed record GradientWalk(string Name, int? Reach, string Head)
{
    /// <summary>Walks for each distance up to the reach, in turn.</summary>
    public bool ByDistance => Name.Length > 0 && Reach > 0;

    /// <summary>Whether it starts from another walk's gradient of the head.</summary>
    public bool BorrowsHead => Head != Name;
}

/// <summary>What the input rows receive, as a sum of residual gradients at the embedding.</summary>
/// <param name="Plus">The walk whose gradient is taken.</param>
/// <param name="Minus">The walk whose gradient is subtracted, or null.</param>
/// <param name="StopsAfter">Steps after which nothing is; 0 is never.</param>
internal sealed record TableRoute(string Plus, string? Minus, int StopsAfter)
{
    /// <summary>The gradient of the embedding stage's output that reaches the rows.</summary>
    /// <param name="incoming">The gradient of the embedding's output in a walk.</param>
    public Node Seed(GraphBuilder graph, Func<string, Node> incoming)
    {
        Node plus = incoming(Plus);
        return Minus is null ? plus : graph.Subtract(plus, incoming(Minus), "Rows.RoutedGradient");
    }
}

/// <summary>
/// The reverse walks that a model's declared gradient routes need. The main walk gives every parameter its gradient but the input rows,
/// where these have a route of their own; a further walk gives no parameter a gradient and ends at the embedding.
/// <code>
/// own position             rows ← own                        own:    reach 0
/// across positions         rows ← main − own
/// across, other targets    rows ← permuted − own             both start from the losses of the permuted targets
/// nearby                   rows ← Σ nearby[distance]         nearby: reach R, once for each distance
/// </code>
/// </summary>
internal sealed record GradientPlan(GradientWalk Main, IReadOnlyList<GradientWalk> Routes, TableRoute? Table)
{
    /// <summary>Name of the pass over the embedding that gives the input rows their gradient.</summary>
    public const string TableWalk = "Table";

    private const string Own = "OwnPosition";
    private const string Permuted = "Permuted";
    private const string Nearby = "Nearby";

    public static GradientPlan Of(RoutesSpec routes)
    {
        var main = new GradientWalk("", routes.BackwardMixing ? null : 0, "");
        (GradientWalk[] walks, TableRoute table) = routes.Table switch
        {
            TableGradient.OwnPosition => ([new GradientWalk(Own, 0, "")], new TableRoute(Own, null, routes.TableStopsAfter)),
            TableGradient.CrossPosition => ([new GradientWalk(Own, 0, "")], new TableRoute("", Own, routes.TableStopsAfter)),
            TableGradient.CrossPositionPermuted => (
                [new GradientWalk(Own, 0, Permuted), new GradientWalk(Permuted, null, Permuted)],
                new TableRoute(Permuted, Own, routes.TableStopsAfter)),
            TableGradient.Nearby => (
                new[] { new GradientWalk(Nearby, routes.Distance, "") }, new TableRoute(Nearby, null, routes.TableStopsAfter)),
            _ => ([], new TableRoute("", null, routes.TableStopsAfter)),
        };
        return new GradientPlan(main, walks, routes.RoutesTable ? table : null);
    }

    /// <summary>Whether a parameter belongs to the input rows, whose gradient may have a route of its own.</summary>
    public static bool IsInputRow(ParameterSpec parameter) =>
        parameter.Group == ParameterGroup.InputEmbedding && parameter.Name.StartsWith("Embedding.", StringComparison.Ordinal);

    /// <summary>Whether the main walk gives a parameter its gradient.</summary>
    public bool MainGives(ParameterSpec parameter) => Table is null || !IsInputRow(parameter);
}
