using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>
/// Counts the floating-point operations of a training pass for one token: 2·K·N for a product over K into N columns, in every direction
/// and walk in which it is computed; 4·H·D for each pair of query and key that attention's forward visits, and twice that for its
/// backward, whatever it computes again; the head's product. Element-wise work and gathers are not counted.
/// </summary>
internal static class CountOperations
{
    public static double PerToken(IReadOnlyList<StagePlan> stages, GradientPlan gradients, int context)
    {
        double sum = 0;
        foreach (StageSchedule schedule in stages.Select(plan => plan.Schedule))
        {
            int repeat = schedule.Stage.Forward.Repeat;
            sum += Steps(schedule.Forward.Concat(schedule.Backward), repeat, context);
            foreach (RouteSchedule route in schedule.Routes)
            {
                GradientWalk? walk = gradients.Routes.FirstOrDefault(each => each.Name == route.Stage.Walk);
                int times = walk is { ByDistance: true } ? walk.Reach!.Value + 1 : 1;
                sum += times * Steps(route.Steps, repeat, context);
            }
        }

        return sum;
    }

    /// <summary>Operations for one byte or end of a target: the product with all symbols, and its gradients.</summary>
    public static double PerPlace(StageSchedule head) => head.All.OfType<CallStep>().Where(step => step.Call.Op == Op.ByteCrossEntropyGradient)
        .Sum(step => (1.0 + step.Results.Count(part => ((PickPayload)part.Payload!).Index != 1))
            * 2 * step.Call.Inputs[2].Shape.Rows * step.Call.Inputs[2].Shape.Columns);

    private static double Steps(IEnumerable<Step> steps, int repeat, int context) => steps.Sum(step => step switch
    {
        ProductStep product => repeat * Product(product),
        CallStep call => Call(call, repeat, context),
        _ => 0,
    });

    private static double Product(ProductStep step) => step.IsWeightGradient
        ? 2.0 * step.Product.Shape.Rows * step.Product.Shape.Columns
        : 2.0 * step.Product.Inputs[0].Shape.Columns * step.Product.Shape.Columns;

    private static double Call(CallStep step, int repeat, int context)
    {
        Node node = step.Call;
        switch (node.Op)
        {
            case Op.Attention or Op.GeneralAttention:
                return 4 * Pairs((AttentionPayload)node.Payload!, repeat, context);
            case Op.AttentionGradient or Op.GeneralAttentionGradient:
                return 8 * Pairs((AttentionPayload)node.Payload!, repeat, context);
            case Op.LinearCrossEntropyGradient:
                return (1.0 + step.Results.Count) * 2 * node.Inputs[1].Shape.Rows * node.Inputs[1].Shape.Columns;
            default:
                return 0;
        }
    }

    /// <summary>
    /// Channels times keys that a query sees, summed over the layers. Of T positions a query sees T/2 on average; of a window w,
    /// w − w²/(2T): the area below the diagonal, without its staircase.
    /// </summary>
    private static double Pairs(AttentionPayload payload, int layers, int context)
    {
        double keys = payload.Windows.Count == 0
            ? layers * context / 2.0
            : payload.Windows.Sum(window => window == 0 ? context / 2.0 : window - (double)window * window / (2.0 * context));
        return payload.Heads * payload.HeadWidth * keys;
    }
}
