using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>One thing the generated step does: run a row kernel, a matrix product, or a kernel of the runtime.</summary>
/// <param name="Results">Nodes whose values are in memory afterwards.</param>
internal abstract record Step(IReadOnlyList<Node> Results)
{
    /// <summary>All nodes computed here, in order.</summary>
    public abstract IReadOnlyList<Node> Members { get; }
}

/// <summary>Element-wise operations and row reductions over the same rows, in one visit of each row.</summary>
/// <param name="RowsPerToken">Rows of the domain are R·RowsPerToken.</param>
/// <param name="Columns">Columns of the domain.</param>
/// <param name="Ended">Why nothing more was fused.</param>
internal sealed record RowKernelStep(
    IReadOnlyList<Node> Group, IReadOnlyList<Node> Results, int RowsPerToken, int Columns, string Ended) : Step(Results)
{
    public override IReadOnlyList<Node> Members => Group;

    /// <summary>Sums over rows that end in the gradient of a vector parameter.</summary>
    public IEnumerable<Node> ColumnSums => Group.Where(node => node.Op == Op.ColumnSum);
}

/// <summary>A matrix product, with the element-wise operations that are applied to each finished stretch of a row.</summary>
/// <param name="Epilogue">Fused operations; may be empty.</param>
/// <param name="BiasGradient">For a weight gradient: the column sum of the left factor that rides along; or null.</param>
internal sealed record ProductStep(Node Product, IReadOnlyList<Node> Epilogue, IReadOnlyList<Node> Results, Node? BiasGradient)
    : Step(Results)
{
    public bool IsWeightGradient => ((MatMulPayload)Product.Payload!).TransposeA;

    public override IReadOnlyList<Node> Members => BiasGradient is null ? [Product, .. Epilogue] : [Product, BiasGradient];
}

/// <summary>A kernel of the runtime.</summary>
internal sealed record CallStep(Node Call, IReadOnlyList<Node> Results) : Step(Results)
{
    public override IReadOnlyList<Node> Members => [Call];
}

/// <summary>The steps of a stage, and what its forward must keep for its backward.</summary>
/// <param name="Saved">Forward values that some walk reads from memory.</param>
/// <param name="Routes">Its part of the walks beside the main one.</param>
internal sealed record StageSchedule(
    DifferentiatedStage Stage, IReadOnlyList<Step> Forward, IReadOnlyList<Step> Backward, IReadOnlyList<Node> Saved,
    IReadOnlyList<RouteSchedule> Routes)
{
    /// <summary>The steps of every direction.</summary>
    public IEnumerable<Step> All => Forward.Concat(Backward).Concat(Routes.SelectMany(route => route.Steps));

    /// <summary>Every gradient that a walk adds to a parameter.</summary>
    public IEnumerable<Node> Sinks => Stage.Sinks.Concat(Routes.SelectMany(route => route.Stage.Sinks));

    /// <summary>What the forward and every walk must compute.</summary>
    public IEnumerable<Node> Roots =>
        Stage.BackwardRoots.Concat(Routes.SelectMany(route => route.Stage.BackwardRoots)).Append(Stage.Forward.Output)
            .Concat(Stage.Forward.Captures.Select(capture => capture.Node));

    /// <summary>Tensors that are kept for the user.</summary>
    public IEnumerable<Capture> Captures => Stage.Forward.Captures.Concat(Stage.Captures);
}

/// <summary>The steps of a stage in a walk beside the main one.</summary>
internal sealed record RouteSchedule(DifferentiatedStage Stage, IReadOnlyList<Step> Steps);
