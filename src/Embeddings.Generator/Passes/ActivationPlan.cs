using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Passes;

/// <summary>Which part of the activation arena a buffer lies in.</summary>
internal enum Region
{
    /// <summary>The residual stream that enters a layer; L + 1 slots.</summary>
    Residual,

    /// <summary>The residual stream that leaves a layer: the next slot.</summary>
    NextResidual,

    /// <summary>The gradient of the residual stream that enters; two slots, used in turn.</summary>
    ResidualGradient,

    /// <summary>The gradient of the residual stream that leaves.</summary>
    NextResidualGradient,

    /// <summary>The residual stream that left the embedding: the first slot.</summary>
    InitialResidual,

    /// <summary>The gradient of the residual stream that left the embedding, collected over the layers.</summary>
    InitialGradient,

    /// <summary>Whether each token of the pass has a byte at a place; computed beside the arena.</summary>
    TokenPlace,

    /// <summary>The share of a place among the bytes of each token; computed beside the arena.</summary>
    TokenShare,

    /// <summary>Kept for the user until the next pass.</summary>
    Captured,

    /// <summary>Kept from forward to backward, one copy per layer.</summary>
    Saved,

    /// <summary>Kept from one distance of a walk to the next, one copy per layer and distance.</summary>
    SavedByDistance,

    /// <summary>Reused as soon as its last reader is done.</summary>
    Temporary,
}

/// <summary>A stretch of the activation arena.</summary>
/// <param name="Name">The node it holds.</param>
/// <param name="PerToken">Elements per token.</param>
/// <param name="Offset">Elements per token before it in its region.</param>
/// <param name="Walk">The reverse walk whose residual gradient it is; empty for the main one.</param>
internal sealed record ActivationBuffer(string Name, Region Region, int PerToken, int Offset, string Walk = "");

/// <summary>
/// How a node lies in a buffer: row r of token t is at <c>t·TokenStride + First + (r mod Groups)·Columns</c>.
/// </summary>
internal readonly record struct View(ActivationBuffer Buffer, int TokenStride, int First, int Groups, int Columns)
{
    public bool IsContiguous => TokenStride == Groups * Columns;
}

/// <summary>A temporary with its lifetime, for the overlap check.</summary>
internal sealed record TemporaryLifetime(ActivationBuffer Buffer, string Phase, int FirstStep, int LastStep);

/// <summary>Where every stored node of a stage lies.</summary>
internal sealed record StagePlan(
    StageSchedule Schedule,
    IReadOnlyDictionary<Node, View> Views,
    IReadOnlyDictionary<Node, ActivationBuffer> Partials,
    IReadOnlyList<TemporaryLifetime> Lifetimes,
    int SavedPerToken,
    int CapturedPerToken,
    int TemporaryPerToken)
{
    /// <summary>Steps of the forward up to the last that writes something kept for the backward.</summary>
    public int StepsForSaved
    {
        get
        {
            int steps = 0;
            for (int i = 0; i < Schedule.Forward.Count; i++)
            {
                if (Schedule.Forward[i].Results.Any(node => Views[node].Buffer.Region == Region.Saved))
                {
                    steps = i + 1;
                }
            }

            return steps;
        }
    }
}

/// <summary>The activation arena of a model, in elements per token.</summary>
/// <param name="Stages">Embedding, block, head.</param>
/// <param name="Walks">Reverse walks, each with residual gradients of its own; the main one first.</param>
/// <param name="HasInitialGradient">Whether each walk collects the gradient of the embedding's output from every layer.</param>
internal sealed record ActivationPlan(
    IReadOnlyList<StagePlan> Stages, int Layers, int Width, IReadOnlyList<string> Walks, bool HasInitialGradient)
{
    /// <summary>Whether the backward computes a block again, so that what one layer keeps is memory of all layers.</summary>
    public bool Recompute { get; init; }

    public StagePlan Embedding => Stages[0];

    public StagePlan Block => Stages[1];

    public StagePlan Head => Stages[2];

    public long ResidualOffset => 0;

    public long ResidualGradientOffset => (Layers + 1L) * Width;

    /// <summary>The two slots of a walk's residual gradient, and after them the gradient of the embedding's output.</summary>
    public long ResidualGradientOffsetOf(string walk)
    {
        int index = 0;
        while (Walks[index] != walk)
        {
            index++;
        }

        return ResidualGradientOffset + WidthPerWalk * index;
    }

    /// <summary>Where a walk collects the gradient of the embedding's output.</summary>
    public long InitialGradientOffsetOf(string walk) => ResidualGradientOffsetOf(walk) + 2L * Width;

    private long WidthPerWalk => (HasInitialGradient ? 3L : 2L) * Width;

    /// <summary>How often a stage's saved stretch exists.</summary>
    public int Copies(StagePlan stage) => Recompute ? 1 : stage.Schedule.Stage.Forward.Repeat;

    /// <summary>The saved stretch of a stage.</summary>
    public long SavedOffset(StagePlan stage)
    {
        long offset = ResidualGradientOffset + WidthPerWalk * Walks.Count;
        foreach (StagePlan other in Stages)
        {
            if (other == stage)
            {
                break;
            }

            offset += (long)other.SavedPerToken * Copies(other);
        }

        return offset;
    }

    /// <summary>What a stage keeps for the user.</summary>
    public long CapturedOffset(StagePlan stage)
    {
        long offset = SavedOffset(Head) + Head.SavedPerToken;
        foreach (StagePlan other in Stages)
        {
            if (other == stage)
            {
                break;
            }

            offset += other.CapturedPerToken;
        }

        return offset;
    }

    public long TemporaryOffset => CapturedOffset(Head) + Head.CapturedPerToken;

    public long PerToken
    {
        get
        {
            int largest = 0;
            foreach (StagePlan stage in Stages)
            {
                largest = System.Math.Max(largest, stage.TemporaryPerToken);
            }

            return TemporaryOffset + largest;
        }
    }
}
