using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>
/// Groups a stage's operations into steps, and decides what the forward keeps for the backward: what is in memory anyway is read; what is
/// cheap is computed again from it; only row statistics and values behind a fused-away product are stored for the purpose.
/// </summary>
internal static class Fuse
{
    /// <param name="stage">The stage and its part of the main walk.</param>
    /// <param name="routes">Its part of further walks; they read the same forward.</param>
    /// <param name="limits">How far fusion goes.</param>
    public static StageSchedule Run(DifferentiatedStage stage, IReadOnlyList<DifferentiatedStage> routes, FusionLimits limits)
    {
        Node[] allRoots = [.. stage.BackwardRoots, .. routes.SelectMany(route => route.BackwardRoots)];
        Node[] outputs =
        [
            .. stage.Forward.IsHead ? stage.Forward.Output.Inputs : [stage.Forward.Output],
            .. stage.Forward.Captures.Select(capture => capture.Node),
        ];
        var computed = new HashSet<Node>(Node.Reachable(outputs));
        Node[] roots = [.. outputs, .. Node.Reachable(allRoots).Where(node =>
            node.Op == Op.Pick && computed.Contains(node.Inputs[0]) && !computed.Contains(node))];
        IReadOnlyList<Node> forward = Node.Reachable(roots);
        var isForward = new HashSet<Node>(forward) { stage.Forward.Output };
        IReadOnlyList<Node> backward = [.. Node.Reachable(allRoots).Where(node => !isForward.Contains(node))];
        Node[] borrowed = [.. backward.SelectMany(node => node.Inputs).Where(isForward.Contains).Distinct().OrderBy(node => node.Op.IsElementwise())];
        ILookup<Node, Node> uses = forward.SelectMany(node => node.Inputs.Distinct().Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node);

        var keep = new HashSet<Node>(roots);
        IReadOnlyList<Step> forwardSteps;
        HashSet<Node> stored;
        int kept;
        do
        {
            kept = keep.Count;
            forwardSteps = new Scheduler(forward, _ => false, keep, limits, limits.ForwardEpilogue).Run();
            stored = [.. forwardSteps.SelectMany(step => step.Results)];
            foreach (Node node in borrowed)
            {
                Keep(node, uses, stored, keep);
            }
        }
        while (keep.Count != kept);

        return new StageSchedule(
            stage, forwardSteps, Backward(stage), Saved(backward, stored), [.. routes.Select(route => new RouteSchedule(route, Backward(route)))]);

        IReadOnlyList<Step> Backward(DifferentiatedStage walk)
        {
            IReadOnlyList<Node> own = [.. Node.Reachable(walk.BackwardRoots).Where(node => !isForward.Contains(node))];
            var keepOwn = new HashSet<Node>(walk.BackwardRoots.Where(node => node.Op != Op.AccumulateGradient));
            HashSet<Node> inPlace = ComputedInPlace(own, isForward, keepOwn);
            return new Scheduler(
                [.. own.Where(node => !inPlace.Contains(node))], node => isForward.Contains(node) || inPlace.Contains(node), keepOwn,
                limits, limits.BackwardEpilogue).Run();
        }
    }

    /// <summary>
    /// The element-wise values of a backward that follow from forward values alone, such as the slope of an activation function: the
    /// kernels that use them compute them, so that they need neither a step nor memory of their own.
    /// </summary>
    private static HashSet<Node> ComputedInPlace(IReadOnlyList<Node> own, HashSet<Node> isForward, HashSet<Node> keep)
    {
        ILookup<Node, Node> consumers = own.SelectMany(node => node.Inputs.Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node);
        var inPlace = new HashSet<Node>();
        foreach (Node node in own)
        {
            bool followsFromForward = node.Inputs.Count > 0 && node.Inputs.All(input =>
                isForward.Contains(input) || inPlace.Contains(input) || input.Op is Op.Constant or Op.Parameter);
            if (followsFromForward && node.Op.IsElementwise() && !node.Shape.IsRowScalar && !keep.Contains(node)
                && consumers[node].All(consumer => consumer.Op.IsFusible()))
            {
                inPlace.Add(node);
            }
        }

        return inPlace;
    }

    /// <summary>
    /// Makes sure that a forward value can be read, or computed again from what can. Of what is computed from a product in one way only, as
    /// the sum with a bias, the result is kept; where more follows from it, as from the argument of an activation, the product itself.
    /// </summary>
    private static void Keep(Node node, ILookup<Node, Node> uses, HashSet<Node> stored, HashSet<Node> keep)
    {
        if (node.Op.IsLeaf() || node.Op == Op.Pick || stored.Contains(node) || keep.Contains(node))
        {
            return;
        }

        bool isCheap = node.Op.IsView() || (node.Op.IsElementwise() && !node.Shape.IsRowScalar) || node.Op is Op.Gather or Op.PositionRows;
        Node[] products = [.. node.Inputs.Where(input => !input.Op.IsLeaf() && !input.Op.IsView() && input.Op != Op.Pick
            && !input.Op.IsFusible() && !stored.Contains(input) && !keep.Contains(input))];
        if (!isCheap || (!node.Op.IsView() && products.Any(product => uses[product].Count() == 1)))
        {
            keep.Add(node);
            return;
        }

        foreach (Node input in node.Inputs)
        {
            Keep(input, uses, stored, keep);
        }
    }

    /// <summary>Stored forward values that the backward reads, directly, through views, or to compute others again.</summary>
    private static IReadOnlyList<Node> Saved(IReadOnlyList<Node> backward, HashSet<Node> stored)
    {
        var saved = new HashSet<Node>();
        var seen = new HashSet<Node>();
        var pending = new Stack<Node>(backward.SelectMany(node => node.Inputs));
        var own = new HashSet<Node>(backward);
        while (pending.Count > 0)
        {
            Node node = pending.Pop();
            if (own.Contains(node) || !seen.Add(node))
            {
                continue;
            }

            if (stored.Contains(node))
            {
                saved.Add(node);
                continue;
            }

            foreach (Node input in node.Inputs)
            {
                pending.Push(input);
            }
        }

        return [.. saved.OrderBy(node => node.Id)];
    }
}
