using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>What the CUDA step calls the tensors of a stage, and the text of their addresses.</summary>
/// <param name="cuda">The model.</param>
/// <param name="stage">The stage.</param>
internal sealed class CudaAddresses(CudaSpec cuda, DevicePlan stage)
{
    private readonly HashSet<Node> _stored = [.. stage.Plan.Schedule.All.SelectMany(step => step.Results)];

    /// <summary>The stage with its buffers in two arenas.</summary>
    public DevicePlan DeviceStage => stage;

    public StagePlan Plan => stage.Plan;

    public Stage Stage => Plan.Schedule.Stage.Forward;

    /// <summary>Where each tensor of the stage lies.</summary>
    public IReadOnlyDictionary<Node, View> Views => Plan.Views;

    /// <summary>Whether the stage is a layer's, so that its methods have one.</summary>
    public bool Repeats => Stage.Name == "Block";

    /// <summary>Whether the backward computes the stage's forward again.</summary>
    public bool ComputesAgain => Repeats && cuda.Model.Activations.Recompute;

    /// <summary>Address of a tensor's first row, from the table at a method's head.</summary>
    public string Pointer(Node node) => At(Views[node]);

    /// <summary>Address of what a view begins with.</summary>
    public static string At(View view) => Names.Camel(view.Buffer.Name) + (view.First == 0 ? "" : $" + {view.First} * ElementBytes");

    /// <summary>Address and elements from row to row of each tensor, as arguments.</summary>
    public string Strided(IReadOnlyList<Node> nodes) =>
        string.Join(", ", nodes.Select(node => $"{Pointer(node)}, {Views[node].TokenStride}"));

    /// <summary>Pointer of a tensor whose rows follow each other without a gap, which the kernel relies on.</summary>
    public string Contiguous(Node node) => Views[node].IsContiguous
        ? Pointer(node)
        : throw new CudaUnsupportedException($"{Label(node)} as a part of wider rows");

    /// <summary>Start of a buffer.</summary>
    public string Base(ActivationBuffer buffer)
    {
        string layer = Repeats ? "layer" : Stage.IsHead ? "Layers" : "0";
        string next = Repeats ? "layer + 1" : "0";
        string distance = IsByDistance(buffer.Walk) ? Repeats ? ", distance" : ", 0" : "";
        bool statistic = stage.Statistics.Contains(buffer);
        long saved = (statistic ? cuda.SavedStatisticsOffset(stage) : cuda.SavedOffset(stage)) + buffer.Offset;
        string kind = statistic ? "Statistics" : "Elements";
        int stride = statistic ? stage.SavedStatistics : stage.SavedElements;
        return buffer.Region switch
        {
            Region.Residual => $"Residual({layer})",
            Region.NextResidual => $"Residual({next})",
            Region.ResidualGradient => $"{buffer.Walk}ResidualGradient({layer}{distance})",
            Region.NextResidualGradient => $"{buffer.Walk}ResidualGradient({next}{distance})",
            Region.InitialResidual => "Residual(0)",
            Region.InitialGradient => $"{buffer.Walk}InitialGradient",
            Region.TokenPlace => $"TokenPlace({buffer.Offset})",
            Region.TokenShare => $"TokenShare({buffer.Offset})",
            Region.Captured => $"Elements({cuda.CapturedOffset(stage) + buffer.Offset})",
            Region.SavedByDistance => $"Elements({saved} + layer * {stride}L) + distance * {HeadChannels} * ElementBytes",
            Region.Saved when Repeats && !ComputesAgain => $"{kind}({saved} + layer * {stride}L)",
            Region.Saved => $"{kind}({saved})",
            Region.Temporary => $"{kind}({(statistic ? cuda.TemporaryStatisticsOffset : cuda.TemporaryOffset) + buffer.Offset})",
            _ => throw new CudaUnsupportedException($"memory of the kind {buffer.Region}"),
        };
    }

    /// <summary>A parameter as products read it.</summary>
    public string Parameter(Node node) => Address("Parameter", node);

    /// <summary>A parameter in float.</summary>
    public string Master(Node node) => Address("Master", node);

    /// <summary>Gradient addresses that a value is added to.</summary>
    public IEnumerable<string> Targets(Node node) => SinksOf(node).Select(sink => $"Gradient({Offset(LayoutOf(sink))})");

    /// <summary>Prints a call once for each parameter that has this gradient: equal gradients are one node.</summary>
    public void ForEachTarget(SourceWriter writer, Node node, Func<string, string> call)
    {
        foreach (ParameterPlace place in SinksOf(node).Select(LayoutOf))
        {
            if (place.Parameter.SkipsLayers)
            {
                writer.Open($"if ({StepEmitter.ValueTables}[layer] >= 0)");
            }

            writer.Line(call($"Gradient({Offset(place)})"));
            if (place.Parameter.SkipsLayers)
            {
                writer.Close();
                writer.Gap();
            }
        }
    }

    /// <summary>Name of the first parameter that has this gradient.</summary>
    public string TargetName(Node node) => ((ParameterPayload)SinksOf(node).First().Payload!).Parameter;

    /// <summary>Where a gradient ends: one sink for each parameter that has it.</summary>
    public IEnumerable<Node> SinksOf(Node node) => Plan.Schedule.Sinks.Where(sink => sink.Inputs[0] == node);

    /// <summary>What comments call a tensor.</summary>
    public string Label(Node node) => node.Op == Op.Parameter ? ((ParameterPayload)node.Payload!).Parameter
        : node.Name.Length > 0 ? node.Name
        : Views.TryGetValue(node, out View view) ? view.Buffer.Name : node.Op.ToString();

    /// <summary>Buffers that the steps touch, in order of first use.</summary>
    public IEnumerable<ActivationBuffer> Buffers(IReadOnlyList<Step> steps)
    {
        var seen = new HashSet<ActivationBuffer>();
        foreach (Node node in steps.SelectMany(step => step.Members.SelectMany(Operands).Concat(step.Results).Concat(step.Members)))
        {
            if (Views.TryGetValue(node, out View view) && Touches(node) && seen.Add(view.Buffer))
            {
                yield return view.Buffer;
            }
        }
    }

    /// <summary>Whether a tensor can be read from memory, rather than only within the group that computes it.</summary>
    public bool InMemory(Node node) =>
        node.Op.IsLeaf() || node.Op.IsView() || node.Op == Op.Pick || _stored.Contains(node);

    /// <summary>One of the results of a call that has several.</summary>
    public static Node PartOf(CallStep step, int index) =>
        step.Results.FirstOrDefault(part => ((PickPayload)part.Payload!).Index == index)
        ?? throw new CudaUnsupportedException($"{step.Call.Op} without its part {index}");

    /// <summary>Address and stride of a part, or nothing where nobody needs it.</summary>
    public string PartOrNull(CallStep step, int index) =>
        step.Results.Any(part => ((PickPayload)part.Payload!).Index == index) ? Strided([PartOf(step, index)]) : "0, 0";

    /// <summary>Whether a walk has a gradient of the residual stream for each distance.</summary>
    public bool IsByDistance(string walk) => cuda.Model.Gradients.Routes.Any(route => route.Name == walk && route.ByDistance);

    /// <summary>Where a parameter is read; of one that not every layer has, by the method that finds its copy.</summary>
    private string Address(string arena, Node node)
    {
        ParameterPlace place = LayoutOf(node);
        return place.Parameter.SkipsLayers ? $"{StageMethods.ParameterOfSomeLayers(place)}(layer)" : $"{arena}({Offset(place)})";
    }

    private bool Touches(Node node) =>
        InMemory(node) || node.Op.IsView() || node.Op.IsLeafInMemory();

    private IEnumerable<Node> Operands(Node node) => node.Inputs.SelectMany(input =>
        Touches(input) ? [input] : input.Op.IsLeaf() || !input.Op.IsFusible() ? [] : Operands(input));

    private int HeadChannels => cuda.Model.Spec.Architecture.Heads * cuda.Model.Spec.Architecture.HeadWidth;

    private ParameterPlace LayoutOf(Node node) => cuda.Model.Layout[((ParameterPayload)node.Payload!).Parameter];

    private static string Offset(ParameterPlace place)
    {
        string copy = place.Parameter.SkipsLayers ? $"{StepEmitter.ValueTables}[layer]" : "layer";
        return place.Parameter.SharesUntil > 0 ? "HeadOffset"
            : place.Offset.ToString(CultureInfo.InvariantCulture) + (place.LayerStride > 0 ? $" + {copy} * {place.LayerStride}L" : "");
    }
}
