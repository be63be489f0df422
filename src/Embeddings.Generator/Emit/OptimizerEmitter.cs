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
internal sealed class OptimizerEmitter(SourceWriter writer, CompiledSpec model) : IUpdateSyntax
{
    public void Optimize()
    {
        writer.Gap();
        writer.Line(UpdateEmitter.Summary(model));
        writer.Open("protected override void Optimize(OptimizerState<T> state, double rateFactor, double gradientFactor)");
        new UpdateEmitter(writer, model, this).Updates();
        Untie();
        writer.Close();
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
            writer.Line(UpdateEmitter.Title(segment));
            AdamW(segment with { Offset = offset, Count = stride }, model.Spec.Training.Group(segment.Group), $" + layer * {stride}L", inBackward: true);
        }

        writer.Close();
        writer.Gap();
        writer.Line("/// <summary>AdamW over the parameters that no layer has.</summary>");
        writer.Open("private void UpdateRest(OptimizerState<T> state, double rateFactor)");
        foreach ((SegmentPlace segment, long offset, long _) in parts.Where(part => part.Offset > part.Segment.Offset))
        {
            writer.Line(UpdateEmitter.Title(segment));
            AdamW(segment with { Count = offset - segment.Offset }, model.Spec.Training.Group(segment.Group), inBackward: true);
        }

        writer.Close();
    }

    string IUpdateSyntax.IsWithin(int steps) => $"state.Step <= {steps}";

    string IUpdateSyntax.IsAfter(int steps) => $"state.Step > {steps}";

    void IUpdateSyntax.AdamW(SegmentPlace segment, GroupSpec group) => AdamW(segment, group);

    void IUpdateSyntax.BeforeMuon(GroupSpec group, MuonSpec muon)
    {
    }

    void IUpdateSyntax.Muon(ParameterPlace place, string copy, GroupSpec group, MuonSpec muon)
    {
        string offset = $"Pointer + {place.Offset}L{copy}";
        writer.Line($"Muon.Update(Pool, {place.Parameter.Shape.Rows}, {place.Parameter.Shape.Columns}, Parameters.{offset}, Gradients.{offset}, state.FirstMoment.{offset},");
        writer.Line($"    learningRate: {Number(muon.LearningRate)} * rateFactor{Warmup(group)}, momentum: {Number(muon.Momentum)}, "
            + $"weightDecay: {Number(muon.WeightDecay)}, iterations: {muon.Iterations}, gradientFactor);");
    }

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

    private static string Warmup(GroupSpec group) => UpdateEmitter.Warmup(group, "state.Step");

    private static string Number(double value) => GraphPrinter.Number(value);
}
