using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>A stage's buffers on a device: elements of activations in one arena, statistics in another, in elements per token.</summary>
/// <param name="Plan">The stage with its buffers placed anew.</param>
/// <param name="Statistics">Buffers that hold floats whatever the precision: statistics of rows and log-sum-exps.</param>
/// <param name="SavedElements">Kept for the backward, for each layer.</param>
/// <param name="CapturedElements">Kept for the user.</param>
/// <param name="TemporaryElements">The most that is live at once.</param>
/// <param name="SavedStatistics">Of statistics.</param>
/// <param name="TemporaryStatistics">Of statistics.</param>
internal sealed record DevicePlan(
    StagePlan Plan, ISet<ActivationBuffer> Statistics,
    int SavedElements, int CapturedElements, int TemporaryElements, int SavedStatistics, int TemporaryStatistics);

/// <summary>
/// Separates what must be float from what follows the precision of the run, so that offsets are the same constants in float and bf16. Sizes
/// of activations are rounded up to <see cref="Alignment"/> elements: 16 bytes in bf16, what a vector access and a fast product ask for.
/// Partial sums have a size that does not depend on the batch and lie outside both arenas.
/// </summary>
internal static class SplitStatistics
{
    public const int Alignment = 8;

    public static int Align(int elements) => (elements + Alignment - 1) / Alignment * Alignment;

    public static DevicePlan Run(StagePlan plan)
    {
        var factors = new HashSet<Node>(plan.Schedule.All.SelectMany(Factors));
        var floats = new HashSet<ActivationBuffer>(plan.Views.Where(pair => IsStatistic(pair.Key)).Select(pair => pair.Value.Buffer));
        foreach (KeyValuePair<Node, View> pair in plan.Views.Where(pair => floats.Contains(pair.Value.Buffer) && !IsStatistic(pair.Key)))
        {
            throw new CudaUnsupportedException($"{pair.Key.Name} in the memory of row statistics");
        }

        var moved = new Dictionary<ActivationBuffer, ActivationBuffer>();
        (int savedElements, int savedStatistics) = Saved(plan, floats, moved);
        int captured = Captured(plan, floats, moved);
        var lifetimes = new List<TemporaryLifetime>();
        int temporaryElements = Temporaries(plan, buffer => !floats.Contains(buffer), Align, moved, lifetimes);
        PlanVerifier.Verify(plan with { Lifetimes = lifetimes });
        lifetimes.Clear();
        int temporaryStatistics = Temporaries(plan, floats.Contains, size => size, moved, lifetimes);
        PlanVerifier.Verify(plan with { Lifetimes = lifetimes });

        var views = plan.Views.ToDictionary(
            pair => pair.Key, pair => pair.Value with { Buffer = Moved(pair.Value.Buffer) });
        return new DevicePlan(
            plan with { Views = views }, new HashSet<ActivationBuffer>(floats.Select(Moved)),
            savedElements, captured, temporaryElements, savedStatistics, temporaryStatistics);

        ActivationBuffer Moved(ActivationBuffer buffer) => moved.TryGetValue(buffer, out ActivationBuffer? other) ? other : buffer;

        bool IsStatistic(Node node) => (node.Shape.IsRowScalar && !factors.Contains(node))
            || (node.Op == Op.Pick && node.Inputs[0].Op is Op.Attention or Op.GeneralAttention && ((PickPayload)node.Payload!).Index == 1);
    }

    /// <summary>What products and sums over tokens read and write: elements, though a row of it may be one number, as a code of rank 1 is.</summary>
    private static IEnumerable<Node> Factors(Step step) => step switch
    {
        ProductStep product => product.Product.Inputs.Concat(product.Results).Append(product.Product),
        CallStep { Call.Op: Op.ScatterAdd } call => call.Call.Inputs,
        _ => [],
    };

    private static (int Elements, int Statistics) Saved(
        StagePlan plan, HashSet<ActivationBuffer> floats, Dictionary<ActivationBuffer, ActivationBuffer> moved)
    {
        int elements = 0;
        int statistics = 0;
        foreach (ActivationBuffer buffer in plan.Views.Values.Select(view => view.Buffer).Distinct()
            .Where(buffer => buffer.Region is Region.Saved or Region.SavedByDistance).OrderBy(buffer => buffer.Offset))
        {
            if (floats.Contains(buffer))
            {
                moved.Add(buffer, buffer with { Offset = statistics });
                statistics += buffer.PerToken;
            }
            else
            {
                moved.Add(buffer, buffer with { Offset = elements });
                elements += Align(buffer.PerToken);
            }
        }

        return (elements, statistics);
    }

    private static int Captured(StagePlan plan, HashSet<ActivationBuffer> floats, Dictionary<ActivationBuffer, ActivationBuffer> moved)
    {
        int elements = 0;
        foreach (ActivationBuffer buffer in plan.Views.Values.Select(view => view.Buffer).Distinct()
            .Where(buffer => buffer.Region == Region.Captured).OrderBy(buffer => buffer.Offset))
        {
            if (floats.Contains(buffer))
            {
                throw new CudaUnsupportedException($"row statistics kept for the user ({buffer.Name})");
            }

            moved.Add(buffer, buffer with { Offset = elements });
            elements += Align(buffer.PerToken);
        }

        return elements;
    }

    /// <summary>First fit by lifetime, as on the CPU, among the buffers of one arena.</summary>
    private static int Temporaries(
        StagePlan plan, Func<ActivationBuffer, bool> isMine, Func<int, int> size,
        Dictionary<ActivationBuffer, ActivationBuffer> moved, List<TemporaryLifetime> placed)
    {
        var partials = new HashSet<ActivationBuffer>(plan.Partials.Values);
        int most = 0;
        foreach (TemporaryLifetime request in plan.Lifetimes
            .Where(lifetime => isMine(lifetime.Buffer) && !partials.Contains(lifetime.Buffer)).OrderBy(lifetime => lifetime.FirstStep))
        {
            int needed = size(request.Buffer.PerToken);
            int offset = 0;
            foreach (TemporaryLifetime other in placed.Where(other => other.Phase == request.Phase
                && other.FirstStep <= request.LastStep && request.FirstStep <= other.LastStep).OrderBy(other => other.Buffer.Offset))
            {
                if (offset + needed <= other.Buffer.Offset)
                {
                    break;
                }

                offset = Math.Max(offset, other.Buffer.Offset + size(other.Buffer.PerToken));
            }

            ActivationBuffer buffer = request.Buffer with { Offset = offset };
            moved.Add(request.Buffer, buffer);
            placed.Add(request with { Buffer = buffer });
            most = Math.Max(most, offset + needed);
        }

        return most;
    }
}
