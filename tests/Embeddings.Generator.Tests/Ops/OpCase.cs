using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>
/// One operation in the smallest model that it can stand in: rows of a table, a block x + f(x), and a cross-entropy head. Each part can be
/// replaced.
/// </summary>
/// <param name="Name">Name of the test.</param>
/// <param name="Body">f of the block; gives [R, C].</param>
/// <param name="Embedding">The rows that enter; null for a table's.</param>
/// <param name="Head">What stands before the losses and the losses themselves; null for plain cross-entropy.</param>
/// <param name="Fits">Which sizes the operation takes; null for all.</param>
internal sealed record OpCase(
    string Name,
    Func<OpContext, Node>? Body = null,
    Func<OpContext, Node>? Embedding = null,
    Func<OpContext, Node>? Head = null,
    Func<OpShape, bool>? Fits = null)
{
    /// <summary>Whether rows are composed of bytes.</summary>
    public bool Spells => Name.StartsWith("GatherSum", StringComparison.Ordinal) || ReadsBytes;

    /// <summary>Whether bytes of a token are read one by one.</summary>
    public bool ReadsBytes => Name.StartsWith("TokenPlace", StringComparison.Ordinal);

    /// <summary>Whether targets are said as bytes.</summary>
    public bool SaysBytes => Name.StartsWith("ByteCrossEntropy", StringComparison.Ordinal);

    /// <summary>Whether every layer reads the embedding's output.</summary>
    public bool Skips => Name.StartsWith("InitialResidual", StringComparison.Ordinal);

    public LoweredModel Lower(ModelSpec spec, OpShape shape)
    {
        var parameters = new ParameterTable();
        var embedding = new OpContext(new GraphBuilder(), shape, parameters, "Embedding", null);
        Node rows = Embedding?.Invoke(embedding) ?? embedding.Graph.Gather(embedding.Matrix("Table", shape.Vocabulary, shape.Width), "Rows");
        var block = new OpContext(new GraphBuilder(), shape, parameters, "Block", shape.Width);
        Node body = Body?.Invoke(block) ?? block.Graph.Multiply(block.X, block.Vector("Gain", shape.Width));
        var head = new OpContext(new GraphBuilder(), shape, parameters, "Head", shape.Width);
        Node losses = Head?.Invoke(head) ?? head.CrossEntropy(head.X, head.Matrix("Weight", shape.Vocabulary, shape.Width), 0);
        return new LoweredModel(
            spec, parameters,
            new Stage("Embedding", 1, embedding.Graph, null, rows) { FeedsEveryLayer = block.UsedInitial is not null },
            new Stage("Block", shape.Layers, block.Graph, block.X, block.Graph.Add(block.X, body, "Residual.Sum")) { Initial = block.UsedInitial },
            new Stage("Head", 1, head.Graph, head.X, losses));
    }
}

/// <summary>What a case builds its part of the graph with.</summary>
internal sealed class OpContext(GraphBuilder graph, OpShape shape, ParameterTable parameters, string stage, int? inputColumns)
{
    public GraphBuilder Graph { get; } = graph;

    public OpShape Shape { get; } = shape;

    /// <summary>The residual stream that enters, [R, C].</summary>
    public Node X { get; } = inputColumns is { } columns ? graph.StageInput(columns, "Residual") : null!;

    /// <summary>The residual stream that left the embedding, [R, C].</summary>
    public Node Initial => UsedInitial ??= Graph.InitialResidual(Shape.Width, "Initial");

    /// <summary>The same where the case asked for it.</summary>
    public Node? UsedInitial { get; private set; }

    public Node Vector(string name, int columns) => Use(name, Embeddings.Generator.Graph.Shape.Vector(columns));

    public Node Matrix(string name, int rows, int columns) => Use(name, Embeddings.Generator.Graph.Shape.Matrix(rows, columns));

    /// <summary>x·Wᵀ with a weight of its own.</summary>
    public Node Linear(string name, Node x, int outputs) => Graph.MatMul(x, Matrix(name, outputs, x.Shape.Columns), false, true, name);

    public Node CrossEntropy(Node x, Node head, double cap) =>
        Graph.LinearCrossEntropy(x, head, new CrossEntropyPayload(cap), "Losses");

    private Node Use(string name, Embeddings.Generator.Graph.Shape ofParameter) => parameters.Use(Graph, new ParameterSpec(
        $"{stage}.{name}", ofParameter, stage == "Block" ? Shape.Layers : 1,
        stage == "Embedding" ? ParameterGroup.InputEmbedding : ParameterGroup.Body, InitialValue.Zeros, false));
}
