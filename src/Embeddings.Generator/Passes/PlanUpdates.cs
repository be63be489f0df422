using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Lowering;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Passes;

/// <summary>Whether a training step updates parameters inside its backward, and what it then needs for that.</summary>
/// <param name="Obstacle">Why every gradient must exist at once, to follow "because"; null where a layer's need not outlive it.</param>
/// <param name="Written">Parameters whose gradient the first use writes, so that nobody has to clear it.</param>
internal sealed record UpdatePlan(string? Obstacle, ISet<string> Written)
{
    public bool InBackward => Obstacle is null;
}

/// <summary>
/// Decides whether a layer's parameters are updated as soon as the backward has left the layer. Then the gradients of all layers take turns
/// in the memory of the first layer's, each is read by AdamW while it is still near, and those of a whole model never exist. That needs a
/// gradient which is final when its layer is done: one pass a step, no norm over all gradients that scales them, AdamW alone, one walk.
/// </summary>
internal static class PlanUpdates
{
    public static UpdatePlan Run(ModelSpec spec, ParameterTable parameters, GradientPlan gradients, IReadOnlyList<StagePlan> stages)
    {
        string? obstacle =
            spec.Training.ClipNorm > 0 ? "they are shortened by their common norm"
            : spec.Training.AccumulationSteps > 1 ? "several passes add to them"
            : spec.Training.Groups.Any(group => group.Muon is not null) ? "Muon updates whole matrices"
            : gradients.Routes.Count > 0 || gradients.Table is not null ? "declared routes add to them in further walks"
            : spec.Architecture.FutureWeights.Count > 0 ? "targets further ahead add to the head's"
            : spec.Architecture.UntiesAfter > 0 ? "the head changes its place"
            : parameters.All.Any(parameter => parameter.SkipsLayers) ? "some parameters belong to some layers alone"
            : spec.Architecture.Layers == 1 ? "one layer's are all there are"
            : null;
        return new UpdatePlan(obstacle, new HashSet<string>(obstacle is null ? Written(stages) : []));
    }

    /// <summary>Parameters that one product alone, or the head's kernel first, gives a gradient in the whole model.</summary>
    private static IEnumerable<string> Written(IReadOnlyList<StagePlan> stages)
    {
        ILookup<string, Node> sinks = stages.SelectMany(stage => stage.Schedule.Sinks)
            .ToLookup(sink => ((ParameterPayload)sink.Payload!).Parameter, sink => sink.Inputs[0]);
        return sinks.Where(uses => uses.Any(IsHead) || (uses.Count() == 1 && uses.Single().Op == Op.MatMul)).Select(uses => uses.Key);

        static bool IsHead(Node gradient) => gradient.Op == Op.Pick && gradient.Inputs[0].Op == Op.LinearCrossEntropyGradient;
    }

    /// <summary>
    /// The stretch of a segment that the layers share their gradients' memory in: where the first layer's lies, and how long it is; of
    /// length 0 where no layer has a part in the segment.
    /// </summary>
    public static (long Offset, long Stride) Repeated(ParameterLayout layout, SegmentPlace segment)
    {
        ParameterPlace[] places = [.. PlacesOf(layout, segment).Where(place => place.LayerStride > 0)];
        return places.Length == 0 ? (segment.Offset + segment.Count, 0) : (places.Min(place => place.Offset), places[0].LayerStride);
    }

    /// <summary>Neighbouring stretches of gradients that must be zero before something is added to them.</summary>
    /// <param name="layout">Where parameters lie.</param>
    /// <param name="plan">Names those that are written instead.</param>
    /// <param name="ofLayers">Of the layers, or of everything else.</param>
    public static IEnumerable<(long Offset, long Count)> ToClear(ParameterLayout layout, UpdatePlan plan, bool ofLayers)
    {
        long offset = 0;
        long count = 0;
        foreach (ParameterPlace place in layout.Places.Where(place => !place.Parameter.Frozen && !plan.Written.Contains(place.Parameter.Name)
            && place.LayerStride > 0 == ofLayers).OrderBy(place => place.Offset))
        {
            if (count > 0 && offset + count == place.Offset)
            {
                count += place.Parameter.Count;
                continue;
            }

            if (count > 0)
            {
                yield return (offset, count);
            }

            (offset, count) = (place.Offset, place.Parameter.Count);
        }

        if (count > 0)
        {
            yield return (offset, count);
        }
    }

    private static IEnumerable<ParameterPlace> PlacesOf(ParameterLayout layout, SegmentPlace segment) => layout.Places.Where(place =>
        !place.Parameter.Frozen && place.Offset >= segment.Offset && place.Offset < segment.Offset + segment.Count);
}
