using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>
/// What a declaration may ask for that no CUDA step does. Operations without a kernel are refused where they would be printed; here is what
/// changes the step around them, which would otherwise be left out without a word.
/// </summary>
internal static class CudaSupport
{
    /// <exception cref="CudaUnsupportedException">The model needs something of the kind.</exception>
    public static void Require(CompiledSpec model)
    {
        ArchitectureSpec shape = model.Spec.Architecture;
        Step[] steps = [.. model.Activations.Stages.SelectMany(stage => stage.Schedule.All)];
        Refuse(
            model.Gradients.Routes.Count > 0 || model.Gradients.Table is not null
                || model.Activations.Stages.Any(stage => stage.Schedule.Routes.Count > 0),
            "a gradient route of the input rows");
        Refuse(model.Activations.HasInitialGradient, "an input skip");
        Refuse(model.Spec.Captures != CapturePoints.None || model.Activations.Stages.Any(stage => stage.Schedule.Captures.Any()), "captures");
        Refuse(shape.ValueTables.Count > 0, "value embeddings");
        Refuse(shape.NgramOrder > 1 || shape.NgramRows > 0, "rows of n-grams");
        Refuse(shape.SuffixVocabulary > 0, "rows of suffixes");
        Refuse(
            model.Activations.Stages.SelectMany(stage => Node.Reachable(stage.Schedule.Roots)).Any(node => node.Payload is IdsPayload),
            "rows addressed by other ids than tokens");
        Refuse(
            steps.OfType<CallStep>().Count(step => step.Call.Op is Op.ScatterAdd or Op.ScatterSum) > 1,
            "two tables of input rows");
        Refuse(
            shape.UntiesAfter > 0 || model.Layout.Places.Any(place => place.Parameter.SharesUntil > 0)
                || model.Layout.Segments.Any(segment => segment.StopsAfter > 0 || segment.StartsAfter > 0),
            "parameters that start or stop training after some steps");
        Refuse(model.Spec.Training.Groups.Any(group => group.Muon is not null), "Muon");
        Refuse(model.Spec.Training.Groups.Any(group => group.WarmupSteps > 0), "a warm-up of one parameter group");
    }

    private static void Refuse(bool isNeeded, string what)
    {
        if (isNeeded)
        {
            throw new CudaUnsupportedException(what + ", which no CUDA step has yet");
        }
    }
}
