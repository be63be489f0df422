using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;

namespace Embeddings.Generator.Passes;

/// <summary>Reverse-mode differentiation of a stage: one walk from the output to the leaves, applying <see cref="GradientRules"/>.</summary>
internal sealed class Differentiate
{
    private readonly Stage _stage;
    private readonly ParameterTable _parameters;
    private readonly Dictionary<Node, Node> _gradients = [];
    private readonly Dictionary<Node, SortedDictionary<int, Node>> _slices = [];
    private readonly Dictionary<Node, Node?[]> _parts = [];
    private readonly List<Node> _sinks = [];

    private Differentiate(Stage stage, ParameterTable parameters)
    {
        _stage = stage;
        _parameters = parameters;
    }

    private GraphBuilder Graph => _stage.Builder;

    public static DifferentiatedStage Run(Stage stage, ParameterTable parameters) => new Differentiate(stage, parameters).Walk();

    private DifferentiatedStage Walk()
    {
        Node? seed = null;
        if (!_stage.IsHead)
        {
            seed = Graph.OutputGradient(_stage.Output.Shape.Columns, _stage.Name == "Embedding" ? "Residual.Gradient" : "NextResidual.Gradient");
            _gradients[_stage.Output] = seed;
        }

        foreach (Node node in Node.Reachable([_stage.Output]).Reverse())
        {
            Visit(node);
        }

        Node? inputGradient = _stage.Input is null ? null : _gradients[_stage.Input];
        return new DifferentiatedStage(_stage, seed, inputGradient, _sinks);
    }

    private void Visit(Node node)
    {
        switch (node.Op)
        {
            case Op.LinearCrossEntropy:
                CrossEntropy(node);
                return;
            case Op.Pick:
                if (_gradients.TryGetValue(node, out Node? part))
                {
                    PartsOf(node.Inputs[0])[((PickPayload)node.Payload!).Index] = part;
                }

                return;
            case Op.Attention:
                Attention(node);
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
            Node?[] inputs = GradientRules.Apply(Graph, node, gradient);
            for (int i = 0; i < inputs.Length; i++)
            {
                Contribute(node.Inputs[i], inputs[i]);
            }
        }
    }

    /// <summary>The head seeds the walk: one kernel gives the losses and both gradients.</summary>
    private void CrossEntropy(Node node)
    {
        Node gradient = Graph.Make(
            Op.LinearCrossEntropyGradient, node.Inputs, Shape.Activation(node.Inputs[0].Shape.Columns), node.Payload, "Head.Gradient");
        Contribute(node.Inputs[0], Graph.Pick(gradient, 0, node.Inputs[0].Shape, GradientRules.GradientName(node.Inputs[0])));
        Contribute(node.Inputs[1], Graph.Pick(gradient, 1, node.Inputs[1].Shape, ""));
    }

    private void Attention(Node node)
    {
        if (PartsOf(node)[0] is not { } gradient)
        {
            return;
        }

        Node output = Graph.Pick(node, 0, gradient.Shape, "");
        Node logSumExp = Graph.Pick(node, 1, Shape.Activation(((AttentionPayload)node.Payload!).Heads), "");
        IReadOnlyList<Node> inputs = [.. node.Inputs, output, logSumExp, gradient];
        Node backward = Graph.Make(Op.AttentionGradient, inputs, node.Shape, node.Payload, "Attention.Gradient");
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
            int end = 0;
            foreach (KeyValuePair<int, Node> slice in slices)
            {
                if (slice.Key != end)
                {
                    throw new InvalidOperationException($"The slices of {node.Name} do not cover it.");
                }

                end += slice.Value.Shape.Columns;
            }

            if (end != node.Shape.Columns)
            {
                throw new InvalidOperationException($"The slices of {node.Name} do not cover it.");
            }

            Contribute(node, Graph.Concat([.. slices.Values], GradientRules.GradientName(node)));
        }

        return _gradients.TryGetValue(node, out Node? gradient) ? gradient : null;
    }

    private void Contribute(Node input, Node? gradient)
    {
        if (gradient is null || input.Op == Op.Constant || (input.Op == Op.Parameter && IsFrozen(input)))
        {
            return;
        }

        gradient = Reduce(gradient, input.Shape);
        if (input.Op == Op.Parameter)
        {
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

    private bool IsFrozen(Node parameter) => _parameters[((ParameterPayload)parameter.Payload!).Parameter].Frozen;
}
