using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;

namespace Embeddings.Generator.Passes;

/// <summary>
/// Reverse-mode differentiation of a stage: one walk from the output to the leaves, applying <see cref="GradientRules"/>. Each of a
/// model's reverse walks makes a graph of its own over the same forward, with leaves of its own for the gradient that enters.
/// </summary>
internal sealed class Differentiate
{
    private readonly Stage _stage;
    private readonly string _walk;
    private readonly int? _reach;
    private readonly Func<ParameterSpec, bool> _receives;
    private readonly bool _recomputes;
    private readonly ParameterTable _parameters;
    private readonly Dictionary<Node, Node> _gradients = [];
    private readonly Dictionary<Node, SortedDictionary<int, Node>> _slices = [];
    private readonly Dictionary<Node, Node?[]> _parts = [];
    private readonly List<Node> _sinks = [];

    private Differentiate(Stage stage, ParameterTable parameters, string walk, int? reach, Func<ParameterSpec, bool> receives, bool recomputes)
    {
        _stage = stage;
        Graph = stage.Builder.Fork();
        _parameters = parameters;
        _walk = walk;
        _reach = reach;
        _receives = receives;
        _recomputes = recomputes;
    }

    private GraphBuilder Graph { get; }

    /// <summary>The main walk.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="parameters">Every parameter.</param>
    /// <param name="plan">The walks.</param>
    /// <param name="recomputes">Whether the inputs of weights are computed again where that is cheap; see <see cref="Recompute"/>.</param>
    public static DifferentiatedStage Run(Stage stage, ParameterTable parameters, GradientPlan plan, bool recomputes = false) =>
        new Differentiate(stage, parameters, "", plan.Main.Reach, plan.MainGives, recomputes).Walk();

    /// <summary>The further walks that pass a stage; they give a gradient to the input rows alone.</summary>
    public static IReadOnlyList<DifferentiatedStage> RunRoutes(Stage stage, ParameterTable parameters, GradientPlan plan)
    {
        if (stage.Input is not null)
        {
            return [.. plan.Routes.Where(walk => !stage.IsHead || !walk.BorrowsHead)
                .Select(walk => new Differentiate(stage, parameters, walk.Name, walk.Reach, _ => false, false).Walk())];
        }

        return plan.Table is { } route
            ? [new Differentiate(stage, parameters, GradientPlan.TableWalk, null, GradientPlan.IsInputRow, false)
                .Walk(route)]
            : [];
    }

    /// <param name="route">Of the pass that gives the input rows their gradient: what that is.</param>
    private DifferentiatedStage Walk(TableRoute? route = null)
    {
        Node? seed = null;
        if (!_stage.IsHead)
        {
            seed = route?.Seed(Graph, Incoming) ?? Incoming(_walk);
            _gradients[_stage.Output] = seed;
        }

        foreach (Node node in Node.Reachable(_stage.Losses).Reverse())
        {
            Visit(node);
        }

        Node? inputGradient = _stage.Input is null ? null : _gradients[_stage.Input];
        return new DifferentiatedStage(_stage, _walk, seed, inputGradient, _sinks)
        {
            InitialGradient = _stage.Initial is { } initial
                ? Graph.Add(Graph.InitialGradient(initial.Shape.Columns, "Initial.Gradient", _walk), _gradients[initial], "Initial.GradientSum")
                : null,
            Captures = _walk.Length == 0 && _stage.GradientCapture is { } captured
                ? [new Capture(CapturePoints.EmbeddingGradient, _gradients[captured])]
                : [],
        };
    }

    /// <summary>The gradient that enters a stage from the stages after it, in a walk.</summary>
    private Node Incoming(string walk)
    {
        int columns = _stage.Output.Shape.Columns;
        Node gradient = Graph.OutputGradient(columns, walk + (_stage.Input is null ? "Residual.Gradient" : "NextResidual.Gradient"), walk);
        return _stage.FeedsEveryLayer
            ? Graph.Add(gradient, Graph.InitialGradient(columns, walk + "Initial.Gradient", walk), walk + "Embedding.Gradient")
            : gradient;
    }

    private void Visit(Node node)
    {
        switch (node.Op)
        {
            case Op.LinearCrossEntropy or Op.ByteCrossEntropy:
                CrossEntropy(node);
                return;
            case Op.Pick:
                if (_gradients.TryGetValue(node, out Node? part))
                {
                    PartsOf(node.Inputs[0])[((PickPayload)node.Payload!).Index] = part;
                }

                return;
            case Op.Attention or Op.GeneralAttention:
                Attention(node);
                return;
            case Op.StopGradient:
                return;
        }

        if (GradientOf(node) is not { } gradient || node.Op.IsLeaf())
        {
            return;
        }

        if (node.Op == Op.Slice)
        {
            if (!_slices.TryGetValue(node.Inputs[0], out SortedDictionary<int, Node>? slices))
            {
                _slices[node.Inputs[0]] = slices = [];
            }

            slices.Add(((SlicePayload)node.Payload!).Start, gradient);
        }
        else
        {
            Node?[] inputs = _recomputes && node.Op == Op.MatMul
                ? GradientRules.MatMul(Graph, node, gradient, Recompute.InputOf(Graph, node.Inputs[0]))
                : GradientRules.Apply(Graph, node, gradient);
            for (int i = 0; i < inputs.Length; i++)
            {
                Contribute(node.Inputs[i], inputs[i]);
            }
        }
    }

    /// <summary>The head seeds the walk: one kernel gives the losses and all gradients.</summary>
    private void CrossEntropy(Node node)
    {
        Node gradient = Graph.Make(
            node.Op == Op.LinearCrossEntropy ? Op.LinearCrossEntropyGradient : Op.ByteCrossEntropyGradient,
            node.Inputs, Shape.Activation(node.Inputs[0].Shape.Columns), node.Payload, "Head.Gradient");
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            string name = i == 0 ? GradientRules.GradientName(node.Inputs[0]) : "";
            Contribute(node.Inputs[i], Graph.Pick(gradient, i, node.Inputs[i].Shape, name));
        }
    }

    private void Attention(Node node)
    {
        if (PartsOf(node)[0] is not { } gradient)
        {
            return;
        }

        var payload = (AttentionPayload)node.Payload! with { Reach = _reach };
        bool general = payload.IsGeneral || payload.Reach is not null || node.Inputs.Any(input => input.Op == Op.StopGradient);
        Node output = Graph.Pick(node, 0, gradient.Shape, "");
        Node logSumExp = Graph.Pick(node, 1, Shape.Activation(payload.Heads), "");
        IReadOnlyList<Node> inputs = [.. node.Inputs, output, logSumExp, gradient];
        Node backward = Graph.Make(
            general ? Op.GeneralAttentionGradient : Op.AttentionGradient, inputs, node.Shape, payload, "Attention.Gradient");
        for (int i = 0; i < 3; i++)
        {
            Contribute(node.Inputs[i], Graph.Pick(backward, i, node.Inputs[i].Shape, GradientRules.GradientName(node.Inputs[i])));
        }
    }

    private Node?[] PartsOf(Node node)
    {
        if (!_parts.TryGetValue(node, out Node?[]? parts))
        {
            _parts[node] = parts = new Node?[2];
        }

        return parts;
    }

    /// <summary>The gradient of a node: the sum of contributions, or its slices side by side.</summary>
    private Node? GradientOf(Node node)
    {
        if (_slices.TryGetValue(node, out SortedDictionary<int, Node>? slices))
        {
            var parts = new List<Node>();
            int end = 0;
            foreach (KeyValuePair<int, Node> slice in slices)
            {
                FillTo(slice.Key);
                parts.Add(slice.Value);
                end = slice.Key + slice.Value.Shape.Columns;
            }

            FillTo(node.Shape.Columns);
            Contribute(node, Graph.Concat(parts, GradientRules.GradientName(node)));

            // A slice behind a stopped gradient receives zeros.
            void FillTo(int start)
            {
                if (start < end)
                {
                    throw new InvalidOperationException($"The slices of {node.Name} overlap.");
                }

                if (start > end)
                {
                    parts.Add(Graph.Zeros(start - end, end, GradientRules.GradientName(node) + ".Stopped"));
                }
            }
        }

        return _gradients.TryGetValue(node, out Node? gradient) ? gradient : null;
    }

    private void Contribute(Node input, Node? gradient)
    {
        if (gradient is null || input.Op == Op.Constant || (input.Op == Op.Parameter && !Receives(input)))
        {
            return;
        }

        gradient = Reduce(gradient, input.Shape);
        if (input.Op == Op.Parameter)
        {
            // A number shared by all columns takes the total of their sums, when these are added to its gradient.
            _sinks.Add(Graph.Make(Op.AccumulateGradient, [gradient], input.Shape, input.Payload));
            return;
        }

        _gradients[input] = _gradients.TryGetValue(input, out Node? sum)
            ? Graph.Add(sum, gradient, GradientRules.GradientName(input))
            : gradient;
    }

    /// <summary>Sums a gradient over the axes along which its input was broadcast.</summary>
    private Node Reduce(Node gradient, Shape shape)
    {
        if (shape.Kind == ShapeKind.Vector && gradient.Shape.IsActivation)
        {
            return Graph.ColumnSum(gradient);
        }

        return shape.IsRowScalar && !gradient.Shape.IsRowScalar ? Graph.RowSum(gradient) : gradient;
    }

    private bool Receives(Node parameter)
    {
        ParameterSpec known = _parameters[((ParameterPayload)parameter.Payload!).Parameter];
        return !known.Frozen && _receives(known);
    }
}
