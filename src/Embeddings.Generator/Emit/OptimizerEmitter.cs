using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>
/// Prints the optimizer step: AdamW once over each stretch of the arena that shares settings; Muon once for each matrix of the groups that
/// declare it; and the copy that unties a head.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="model">The compiled model.</param>
internal sealed class OptimizerEmitter(SourceWriter writer, CompiledSpec model)
{
    private const string PositionTable = "Embedding.Positions";

    public void Optimize()
    {
        writer.Gap();
        writer.Line(model.Spec.Training.Groups.Any(group => group.Muon is not null)
            ? "/// <summary>AdamW, once over each stretch of the arena that shares settings, and Muon for each matrix of the groups that declare it.</summary>"
            : "/// <summary>AdamW, once over each stretch of the arena that shares settings.</summary>");
        writer.Open("protected override void Optimize(OptimizerState<T> state, double rateFactor, double gradientFactor)");
        foreach (SegmentPlace segment in model.Layout.Segments)
        {
            Segment(segment);
        }

        Untie();
        writer.Close();
    }

    private void Segment(SegmentPlace segment)
    {
        GroupSpec group = model.Spec.Training.Group(segment.Group);
        Title(segment);
        string? guard = segment.StopsAfter > 0 ? $"if (state.Step <= {segment.StopsAfter}) // trained for {segment.StopsAfter} steps, then left as they are"
            : segment.StartsAfter > 0 ? $"if (state.Step > {segment.StartsAfter}) // until then the input table stands in its place"
            : null;
        if (guard is not null)
        {
            writer.Open(guard);
        }

        if (segment.Decays && group.Muon is { } muon)
        {
            Muon(segment, group, muon);
        }
        else
        {
            AdamW(segment, group);
        }

        if (guard is not null)
        {
            writer.Close();
        }
    }

    /// <summary>The updates of a step that makes them in its backward, each with the sum of squares of the gradients it reads.</summary>
    public void InBackward()
    {
        (SegmentPlace Segment, long Offset, long Stride)[] parts = [.. model.Layout.Segments.Select(segment =>
        {
            (long offset, long stride) = PlanUpdates.Repeated(model.Layout, segment);
            return (segment, offset, stride);
        })];
        writer.Gap();
        writer.Line("/// <summary>AdamW over the parameters of one layer, whose gradients lie where those of the first do.</summary>");
        writer.Open("private void UpdateBlock(OptimizerState<T> state, double rateFactor, int layer)");
        foreach ((SegmentPlace segment, long offset, long stride) in parts.Where(part => part.Stride > 0))
        {
            Title(segment);
            AdamW(segment with { Offset = offset, Count = stride }, model.Spec.Training.Group(segment.Group), $" + layer * {stride}L", inBackward: true);
        }

        writer.Close();
        writer.Gap();
        writer.Line("/// <summary>AdamW over the parameters that no layer has.</summary>");
        writer.Open("private void UpdateRest(OptimizerState<T> state, double rateFactor)");
        foreach ((SegmentPlace segment, long offset, long _) in parts.Where(part => part.Offset > part.Segment.Offset))
        {
            Title(segment);
            AdamW(segment with { Count = offset - segment.Offset }, model.Spec.Training.Group(segment.Group), inBackward: true);
        }

        writer.Close();
    }

    private void Title(SegmentPlace segment) =>
        writer.Line($"// {segment.Group}: {(segment.Decays ? "matrices" : "vectors, which do not decay")}");

    private void AdamW(SegmentPlace segment, GroupSpec group, string layer = "", bool inBackward = false)
    {
        string gradient = $"Pointer + {segment.Offset}L";
        string offset = gradient + layer;
        string decay = segment.Decays ? Number(group.WeightDecay) : "0";
        writer.Line($"{(inBackward ? "GradientSquares += AdamW.UpdateAndSquare" : "AdamW.Update")}(Pool, {segment.Count}L, "
            + $"Parameters.{offset}, Gradients.{gradient}, state.FirstMoment.{offset}, state.SecondMoment.{offset},");
        writer.Line($"    learningRate: {Number(group.LearningRate)} * rateFactor{Warmup(group)}, beta1: {Number(group.Beta1)}, "
            + $"beta2: {Number(group.Beta2)}, epsilon: {Number(group.Epsilon)}, weightDecay: {decay}, state.Step{(inBackward ? "" : ", gradientFactor")});");
    }

    private void Muon(SegmentPlace segment, GroupSpec group, MuonSpec muon)
    {
        IEnumerable<ParameterPlace> places = model.Layout.Places.Where(place =>
            !place.Parameter.Frozen && place.Offset >= segment.Offset && place.Offset < segment.Offset + segment.Count);
        ParameterPlace? positions = places.FirstOrDefault(place => place.Parameter.Name == PositionTable);
        if (positions is not null)
        {
            writer.Line($"// {PositionTable}, a table of rows, keeps AdamW");
            AdamW(segment with { Offset = positions.Offset, Count = positions.Parameter.Count }, group);
        }

        foreach (IGrouping<int, ParameterPlace> copies in places.Where(place => place != positions).GroupBy(place => place.Parameter.Layers))
        {
            bool repeats = copies.Key > 1;
            string copy = repeats && copies.First().Parameter.SkipsLayers ? "table" : "layer";
            if (repeats)
            {
                writer.Open($"for (int {copy} = 0; {copy} < {(copy == "layer" ? "Layers" : Number(copies.Key))}; {copy}++)");
            }

            foreach (ParameterPlace place in copies)
            {
                string offset = $"Pointer + {place.Offset}L" + (repeats ? $" + {copy} * {place.LayerStride}L" : "");
                writer.Line($"// {place.Parameter.Name} {place.Parameter.Shape}");
                writer.Line($"Muon.Update(Pool, {place.Parameter.Shape.Rows}, {place.Parameter.Shape.Columns}, Parameters.{offset}, Gradients.{offset}, state.FirstMoment.{offset},");
                writer.Line($"    learningRate: {Number(muon.LearningRate)} * rateFactor{Warmup(group)}, momentum: {Number(muon.Momentum)}, "
                    + $"weightDecay: {Number(muon.WeightDecay)}, iterations: {muon.Iterations}, gradientFactor);");
            }

            if (repeats)
            {
                writer.Close();
                writer.Gap();
            }
        }
    }

    /// <summary>At the end of its last shared step, the head takes the table's values and moments as its own.</summary>
    private void Untie()
    {
        if (model.Spec.Architecture.UntiesAfter is > 0 and var step)
        {
            ParameterPlace table = model.Layout["Embedding.Table"];
            ParameterPlace head = model.Layout["Head.Weight"];
            writer.Open($"if (state.Step == {step})");
            foreach (string arena in new[] { "Parameters", "state.FirstMoment", "state.SecondMoment" })
            {
                writer.Line($"Copy({arena}, {table.Offset}L, {head.Offset}L, {head.Parameter.Count}L);");
            }

            writer.Close();
        }
    }

    private static string Warmup(GroupSpec group) =>
        group.WarmupSteps > 0 ? $" * Math.Min(1, state.Step / {Number(group.WarmupSteps)}.0)" : "";

    private static string Number(double value) => GraphPrinter.Number(value);
}
