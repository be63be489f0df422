using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>
/// A lowered model that <see cref="GraphInterpreter"/> runs stage by stage. Parameters are keyed by their names, those of layer n of the
/// block by <c>name@n</c>.
/// </summary>
internal sealed class InterpretedModel
{
    private readonly LoweredModel _model;
    private readonly DifferentiatedStage[] _stages;

    /// <param name="model">Forward graphs; differentiated here.</param>
    public InterpretedModel(LoweredModel model)
    {
        _model = model;
        var plan = GradientPlan.Of(RoutesSpec.Default);
        _stages = [.. model.Stages.Select(stage => Differentiate.Run(stage, model.Parameters, plan))];
    }

    /// <summary>Every node that forward or backward reaches.</summary>
    public IEnumerable<Node> Nodes =>
        _stages.SelectMany(stage => Node.Reachable(stage.BackwardRoots.Append(stage.Forward.Output)));

    public static string Key(string name, int layer) => name.StartsWith("Block.", StringComparison.Ordinal) ? $"{name}@{layer}" : name;

    /// <summary>The losses of a batch, [R].</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="parameters">By key.</param>
    /// <param name="constants">Parameters from which values behind a stopped gradient are computed; null: the same.</param>
    public double[] Losses(
        OpBatch batch, IReadOnlyDictionary<string, double[]> parameters, IReadOnlyDictionary<string, double[]>? constants = null)
    {
        GraphInterpreter[] fixedStages = constants is null ? [] : Forward(batch, constants, []);
        return Forward(batch, parameters, fixedStages)[^1].Value(_model.Head.Output);
    }

    /// <summary>The gradient of scale · Σ losses for every trainable parameter.</summary>
    public Dictionary<string, double[]> Gradients(OpBatch batch, IReadOnlyDictionary<string, double[]> parameters)
    {
        GraphInterpreter[] forward = Forward(batch, parameters, []);
        var gradients = new Dictionary<string, double[]>();
        double[] Residual(int layer) => forward[layer].Value(layer == 0 ? _model.Embedding.Output : _model.Block.Output);
        double[]? gradient = Backward(_stages[2], forward[^1], 0, gradients);
        double[] initialGradient = new double[Residual(0).Length];
        for (int layer = _model.Block.Repeat - 1; layer >= 0; layer--)
        {
            GraphInterpreter block = Interpret(
                _model.Block, batch, parameters, Residual(layer), layer, gradient, initial: Residual(0), initialGradient: initialGradient);
            gradient = Backward(_stages[1], block, layer, gradients);
            initialGradient = _stages[1].InitialGradient is { } sum ? block.Value(sum) : initialGradient;
        }

        Backward(_stages[0], Interpret(_model.Embedding, batch, parameters, null, 0, gradient, initialGradient: initialGradient), 0, gradients);
        return gradients;
    }

    /// <summary>Interpreters of the embedding, every layer and the head, each fed by the one before.</summary>
    private GraphInterpreter[] Forward(OpBatch batch, IReadOnlyDictionary<string, double[]> parameters, GraphInterpreter[] constants)
    {
        var stages = new List<GraphInterpreter>();
        double[]? residual = null;
        Add(_model.Embedding, 0);
        for (int layer = 0; layer < _model.Block.Repeat; layer++)
        {
            Add(_model.Block, layer);
        }

        Add(_model.Head, 0);
        return [.. stages];

        void Add(Stage stage, int layer)
        {
            stages.Add(Interpret(
                stage, batch, parameters, residual, layer, constants: constants.ElementAtOrDefault(stages.Count),
                initial: stages.FirstOrDefault()?.Value(_model.Embedding.Output)));
            residual = stages[^1].Value(stage.Output);
        }
    }

    private static GraphInterpreter Interpret(
        Stage stage, OpBatch batch, IReadOnlyDictionary<string, double[]> parameters, double[]? input, int layer, double[]? gradient = null,
        GraphInterpreter? constants = null, double[]? initial = null, double[]? initialGradient = null)
    {
        Assert.Equal(stage.Input is null, input is null);
        return new GraphInterpreter(batch, name => parameters[Key(name, layer)], input, gradient, layer, constants)
        {
            InitialResidual = initial,
            InitialGradient = initialGradient,
        };
    }

    private static double[]? Backward(
        DifferentiatedStage stage, GraphInterpreter interpreter, int layer, Dictionary<string, double[]> gradients)
    {
        foreach (Node sink in stage.Sinks)
        {
            string key = Key(((ParameterPayload)sink.Payload!).Parameter, layer);
            double[] value = interpreter.Value(sink);
            gradients[key] = gradients.TryGetValue(key, out double[]? sum) ? [.. sum.Zip(value, (a, b) => a + b)] : value;
        }

        return stage.InputGradient is null ? null : interpreter.Value(stage.InputGradient);
    }
}
