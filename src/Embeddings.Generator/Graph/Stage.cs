using System.Collections.Generic;
using System.Linq;

namespace Embeddings.Generator.Graph;

/// <summary>
/// A part of the model that runs <see cref="Repeat"/> times: embedding, block, head. It takes the residual stream (not the embedding)
/// and returns it (the head returns losses). Generated code loops over a repeated stage.
/// </summary>
/// <param name="Name">Embedding, Block or Head.</param>
/// <param name="Repeat">Layers for the block, else 1.</param>
/// <param name="Builder">Made the forward; forked for each reverse walk.</param>
/// <param name="Input">The residual stream that enters; null for the embedding.</param>
/// <param name="Output">The residual stream, or the losses, that leave.</param>
internal sealed record Stage(string Name, int Repeat, GraphBuilder Builder, Node? Input, Node Output)
{
    /// <summary>The embedding's output, where a block reads it beside its input.</summary>
    public Node? Initial { get; init; }

    /// <summary>Of the embedding: whether blocks read its output beside their input, so that its gradient comes from every layer.</summary>
    public bool FeedsEveryLayer { get; init; }

    /// <summary>Of the head: losses that are trained beside the output's, computed in the backward pass alone.</summary>
    public IReadOnlyList<Node> FurtherLosses { get; init; } = [];

    /// <summary>Forward values that the user asks to keep.</summary>
    public IReadOnlyList<Capture> Captures { get; init; } = [];

    /// <summary>A forward value whose gradient in the main walk the user asks to keep.</summary>
    public Node? GradientCapture { get; init; }

    public bool IsHead => Output.Op is Op.LinearCrossEntropy or Op.ByteCrossEntropy;

    /// <summary>Text form, for tests and for reading.</summary>
    public string Print() => $"stage {Name} x {Repeat}\n" + GraphPrinter.Print(Node.Reachable(Losses));

    /// <summary>The output, and the losses beside it.</summary>
    public IEnumerable<Node> Losses => FurtherLosses.Prepend(Output);
}

/// <summary>A tensor that is kept for the user.</summary>
internal sealed record Capture(CapturePoints Point, Node Node);

/// <summary>A stage with its part of one reverse walk.</summary>
/// <param name="Forward">The stage.</param>
/// <param name="Walk">The walk's name; empty for the main one.</param>
/// <param name="OutputGradient">Leaf that stands for the gradient of the output; null for the head, whose losses seed it.</param>
/// <param name="InputGradient">Gradient of the input; null for the embedding.</param>
/// <param name="Sinks">One <see cref="Op.AccumulateGradient"/> for each use of a trainable parameter.</param>
internal sealed record DifferentiatedStage(Stage Forward, string Walk, Node? OutputGradient, Node? InputGradient, IReadOnlyList<Node> Sinks)
{
    /// <summary>Gradient of the embedding's output up to this layer; null where blocks do not read it.</summary>
    public Node? InitialGradient { get; init; }

    /// <summary>Gradients that the user asks to keep.</summary>
    public IReadOnlyList<Capture> Captures { get; init; } = [];

    /// <summary>What the backward pass must compute.</summary>
    public IEnumerable<Node> BackwardRoots =>
        Sinks.Concat(new[] { InputGradient, InitialGradient }.OfType<Node>()).Concat(Captures.Select(capture => capture.Node));

    public string Print() =>
        $"stage {Forward.Name} x {Forward.Repeat}{(Walk.Length > 0 ? ", walk " + Walk : "")}\n"
        + GraphPrinter.Print(Node.Reachable(BackwardRoots.Append(Forward.Output)));
}
