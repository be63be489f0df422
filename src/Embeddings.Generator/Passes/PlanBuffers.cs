using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>
/// Places every stored node of a stage in the activation arena. Slices, reshapes and concatenations are views: the parts of a
/// concatenation are written straight into it. Temporaries share memory when their lifetimes, in steps, do not meet.
/// </summary>
internal sealed class PlanBuffers
{
    private readonly StageSchedule _schedule;
    private readonly int _context;
    private readonly Dictionary<Node, View> _views = [];
    private readonly Dictionary<Node, ActivationBuffer> _partials = [];
    private readonly Dictionary<(Region Region, string Walk), ActivationBuffer> _fixed = [];
    private readonly Dictionary<Node, Node> _concatenations = [];
    private readonly Dictionary<Node, Node> _reshapes = [];
    private readonly List<TemporaryLifetime> _lifetimes = [];
    private readonly HashSet<string> _names = ["tokens", "targets", "gradientScale", "layer"];
    private int _savedPerToken;
    private int _capturedPerToken;
    private int _temporaryPerToken;

    private PlanBuffers(StageSchedule schedule, int context)
    {
        _schedule = schedule;
        _context = context;
    }

    public static StagePlan Run(StageSchedule schedule, int context)
    {
        var pass = new PlanBuffers(schedule, context);
        pass.Place();
        return new StagePlan(schedule, pass._views, pass._partials, pass._lifetimes, pass._savedPerToken, pass._capturedPerToken, pass._temporaryPerToken);
    }

    /// <summary>Rows of a row kernel that form a tile: about 16 thousand elements, whatever the number of threads.</summary>
    public static int RowsPerTile(RowKernelStep step) => Math.Min(256, Math.Max(4, 16_384 / step.Columns));

    private void Place()
    {
        DifferentiatedStage stage = _schedule.Stage;
        IReadOnlyList<Node> all = Node.Reachable(_schedule.Roots);
        foreach (Node node in all.Where(node => node.Op is Op.Concat or Op.Reshape))
        {
            foreach (Node input in node.Inputs)
            {
                if (node.Op == Op.Concat && !_concatenations.ContainsKey(input))
                {
                    _concatenations.Add(input, node);
                }
                else if (node.Op == Op.Reshape && !_reshapes.ContainsKey(input))
                {
                    _reshapes.Add(input, node);
                }
            }
        }

        Fixed(stage.Forward.Input, Region.Residual);
        Fixed(stage.Forward.IsHead ? null : stage.Forward.Output, Region.NextResidual);
        Fixed(stage.Forward.Initial, Region.InitialResidual);
        foreach (Node leaf in all.Where(node => node.Op is Op.OutputGradient or Op.InitialGradient))
        {
            Fixed(
                leaf, leaf.Op == Op.OutputGradient ? Region.NextResidualGradient : Region.InitialGradient,
                (leaf.Payload as WalkPayload)?.Walk ?? "");
        }

        foreach (Node place in all.Where(node => node.Op == Op.TokenPlace))
        {
            var payload = (TokenPlacePayload)place.Payload!;
            _views[place] = Whole(
                new ActivationBuffer(UniqueName(NameOf(place)), payload.IsShare ? Region.TokenShare : Region.TokenPlace, 1, payload.Place), place.Shape);
        }

        Fixed(stage.InputGradient, Region.ResidualGradient);
        Fixed(stage.InitialGradient, Region.InitialGradient);
        foreach (RouteSchedule route in _schedule.Routes)
        {
            Fixed(route.Stage.InputGradient, Region.ResidualGradient, route.Stage.Walk);
            Fixed(route.Stage.InitialGradient, Region.InitialGradient, route.Stage.Walk);
            KeepByDistance(route.Steps);
        }

        var saved = new HashSet<Node>(_schedule.Saved.Select(Root));
        foreach (Node node in saved.Where(node => !_views.ContainsKey(node)).OrderBy(node => node.Id))
        {
            Own(node, Region.Saved, _savedPerToken);
            _savedPerToken += node.Shape.PerToken;
        }

        foreach (Node node in _schedule.Captures.Select(capture => capture.Node).Where(node => !_views.ContainsKey(node)))
        {
            Own(node, Region.Captured, _capturedPerToken);
            _capturedPerToken += node.Shape.PerToken;
        }

        Temporaries("forward", _schedule.Forward);
        Temporaries("backward", _schedule.Backward);
        foreach (RouteSchedule route in _schedule.Routes)
        {
            Temporaries(route.Stage.Walk, route.Steps);
        }

        foreach (Node node in all)
        {
            Resolve(node);
        }
    }

    private void Fixed(Node? node, Region region, string walk = "")
    {
        if (node is not null)
        {
            if (!_fixed.TryGetValue((region, walk), out ActivationBuffer? buffer))
            {
                buffer = new ActivationBuffer(UniqueName(walk + region), region, node.Shape.PerToken, 0, walk);
                _fixed.Add((region, walk), buffer);
            }

            _views[node] = Whole(buffer, node.Shape);
        }
    }

    /// <summary>
    /// The gradient of attention's output, for every distance up to the walk's reach: a later distance reads those of the earlier ones.
    /// </summary>
    private void KeepByDistance(IReadOnlyList<Step> steps)
    {
        foreach (Node attention in steps.OfType<CallStep>().Select(step => step.Call).Where(call => call.Op == Op.GeneralAttentionGradient))
        {
            if (((AttentionPayload)attention.Payload!).Reach is { } reach and > 0)
            {
                Node gradient = attention.Inputs[5];
                int perToken = gradient.Shape.Columns * (reach + 1);
                var buffer = new ActivationBuffer(UniqueName(NameOf(gradient)), Region.SavedByDistance, perToken, _savedPerToken);
                _views[gradient] = new View(buffer, perToken, 0, 1, gradient.Shape.Columns);
                _savedPerToken += perToken;
            }
        }
    }

    private void Own(Node node, Region region, int offset) =>
        _views[node] = Whole(new ActivationBuffer(UniqueName(NameOf(node)), region, node.Shape.PerToken, offset), node.Shape);

    private static View Whole(ActivationBuffer buffer, Shape shape) => new(buffer, shape.PerToken, 0, shape.Rows, shape.Columns);

    /// <summary>The node whose buffer holds this one.</summary>
    private Node Root(Node node)
    {
        if (_concatenations.TryGetValue(node, out Node? whole))
        {
            return Root(whole);
        }

        if (node.Op is Op.Slice or Op.Reshape or Op.StopGradient)
        {
            return Root(node.Inputs[0]);
        }

        return _reshapes.TryGetValue(node, out Node? reshaped) && _concatenations.ContainsKey(reshaped) ? Root(_concatenations[reshaped]) : node;
    }

    private void Temporaries(string phase, IReadOnlyList<Step> steps)
    {
        var first = new Dictionary<Node, int>();
        var last = new Dictionary<Node, int>();
        for (int i = 0; i < steps.Count; i++)
        {
            IEnumerable<Node> written = steps[i].Results;
            IEnumerable<Node> read = steps[i].Members.SelectMany(Operands);
            foreach (Node root in written.Concat(read).Where(IsActivation).Select(Root).Where(root => !_views.ContainsKey(root)))
            {
                if (!first.ContainsKey(root))
                {
                    first.Add(root, i);
                }

                last[root] = i;
            }
        }

        var placed = new List<TemporaryLifetime>();
        var requests = first.Select(pair => (Node: pair.Key, PerToken: pair.Key.Shape.PerToken, First: pair.Value, Last: last[pair.Key]))
            .Concat(ColumnSums(steps)).OrderBy(request => request.First).ThenBy(request => request.Node.Id);
        foreach (var request in requests)
        {
            int offset = FirstFit(placed, request.PerToken, request.First, request.Last);
            var buffer = new ActivationBuffer(UniqueName(NameOf(request.Node)), Region.Temporary, request.PerToken, offset);
            placed.Add(new TemporaryLifetime(buffer, phase, request.First, request.Last));
            _temporaryPerToken = Math.Max(_temporaryPerToken, offset + request.PerToken);
            if (request.Node.Op == Op.ColumnSum)
            {
                _partials.Add(request.Node, buffer);
            }
            else
            {
                _views[request.Node] = Whole(buffer, request.Node.Shape);
            }
        }

        _lifetimes.AddRange(placed);
    }

    /// <summary>Room for each tile's partial sums: tiles ≤ R·rows/rowsPerTile + 1, and R is at least one context.</summary>
    private IEnumerable<(Node Node, int PerToken, int First, int Last)> ColumnSums(IReadOnlyList<Step> steps)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] is RowKernelStep kernel)
            {
                double tilesPerToken = (double)kernel.RowsPerToken / RowsPerTile(kernel) + 1.0 / _context;
                foreach (Node node in kernel.ColumnSums)
                {
                    yield return (node, (int)Math.Ceiling(node.Shape.Columns * tilesPerToken), i, i);
                }
            }
        }
    }

    private static int FirstFit(List<TemporaryLifetime> placed, int perToken, int first, int last)
    {
        int offset = 0;
        foreach (TemporaryLifetime other in placed.Where(other => other.FirstStep <= last && first <= other.LastStep)
            .OrderBy(other => other.Buffer.Offset))
        {
            if (offset + perToken <= other.Buffer.Offset)
            {
                break;
            }

            offset = Math.Max(offset, other.Buffer.Offset + other.Buffer.PerToken);
        }

        return offset;
    }

    /// <summary>What computing a node reads from memory, through values that are computed again in place.</summary>
    private IEnumerable<Node> Operands(Node node) => node.Inputs.SelectMany(input =>
        IsStored(input) ? [input] : input.Op.IsLeaf() ? [] : Operands(input));

    private bool IsStored(Node node) =>
        node.Op.IsView() || node.Op == Op.Pick || node.Op.IsLeafInMemory() || StoredNodes.Contains(node);

    private HashSet<Node> StoredNodes => _stored ??=
        [.. _schedule.All.SelectMany(step => step.Results)];

    private HashSet<Node>? _stored;

    private static bool IsActivation(Node node) => node.Shape.IsActivation;

    /// <summary>Derives the views of slices, reshapes and parts.</summary>
    private View? Resolve(Node node)
    {
        if (_views.TryGetValue(node, out View known))
        {
            return known;
        }

        View? view = null;
        if (_concatenations.TryGetValue(node, out Node? whole) && Resolve(whole) is { } outer)
        {
            int start = whole.Inputs.TakeWhile(part => part != node).Sum(part => part.Shape.Columns);
            view = outer with { First = outer.First + start, Columns = node.Shape.Columns };
        }
        else if (node.Op == Op.Slice && Resolve(node.Inputs[0]) is { } source)
        {
            view = source with { First = source.First + ((SlicePayload)node.Payload!).Start, Columns = node.Shape.Columns };
        }
        else if (node.Op == Op.StopGradient)
        {
            view = Resolve(node.Inputs[0]);
        }
        else if (node.Op == Op.Reshape && Resolve(node.Inputs[0]) is { } other)
        {
            view = other with { Groups = node.Shape.Rows, Columns = node.Shape.Columns };
        }
        else if (_reshapes.TryGetValue(node, out Node? reshaped) && _concatenations.ContainsKey(reshaped) && Resolve(reshaped) is { } inner)
        {
            view = inner with { Groups = node.Shape.Rows, Columns = node.Shape.Columns };
        }

        if (view is { } found)
        {
            _views[node] = found;
        }

        return view;
    }

    private static string NameOf(Node node) => node.Name.Length > 0
        ? node.Name
        : node.Op == Op.ColumnSum ? NameOf(node.Inputs[0]) + ".ColumnSums"
        : node.Inputs.Select(NameOf).FirstOrDefault(name => name.Length > 0) is { } name ? $"{name}.{node.Op}" : node.Op.ToString();

    /// <summary>A name that no other buffer has as a local variable, and no parameter of the stage's methods either.</summary>
    private string UniqueName(string name)
    {
        string unique = name;
        for (int i = 2; !_names.Add(Names.Camel(unique)); i++)
        {
            unique = name + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return unique;
    }
}
