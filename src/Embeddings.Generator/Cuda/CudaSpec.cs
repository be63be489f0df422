using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>A model whose buffers are placed for a device: one arena of elements, one of float statistics, both in units per token.</summary>
internal sealed class CudaSpec
{
    /// <summary>Multiples that rows of logits are padded to, for aligned products.</summary>
    private const int LogitAlignment = 8;

    public CudaSpec(CompiledSpec model)
    {
        Model = model;
        Stages = [.. model.Activations.Stages.Select(SplitStatistics.Run)];
    }

    public CompiledSpec Model { get; }

    public IReadOnlyList<DevicePlan> Stages { get; }

    /// <summary>Elements from one slot of the residual stream to the next, per token.</summary>
    public int ResidualSlot => SplitStatistics.Align(Model.Spec.Architecture.Width);

    public long ResidualGradientOffset => (Model.Spec.Architecture.Layers + 1L) * ResidualSlot;

    public long TemporaryOffset => CapturedStart + Stages.Sum(stage => stage.CapturedElements);

    public long ElementsPerToken => TemporaryOffset + Stages.Max(stage => stage.TemporaryElements);

    public long TemporaryStatisticsOffset => Stages.Sum(stage => (long)stage.SavedStatistics * Copies(stage));

    public long StatisticsPerToken => TemporaryStatisticsOffset + Stages.Max(stage => stage.TemporaryStatistics);

    /// <summary>Elements from a row of logits to the next; 0 where a head of bytes has logits of its own.</summary>
    public int LogitStride => Model.Spec.Architecture.DecoderWidth > 0 ? 0 : (Model.Spec.Tokenizer.VocabularySize + LogitAlignment - 1) / LogitAlignment * LogitAlignment;

    public long SavedOffset(DevicePlan stage) => SavedStart + Stages.TakeWhile(other => other != stage).Sum(other => (long)other.SavedElements * Copies(other));

    /// <summary>What a stage keeps for the user.</summary>
    public long CapturedOffset(DevicePlan stage) => CapturedStart + Stages.TakeWhile(other => other != stage).Sum(other => other.CapturedElements);

    /// <summary>The two slots of a walk's residual gradient.</summary>
    public long ResidualGradientOffsetOf(string walk) =>
        ResidualGradientOffset + SlotsPerWalk * ResidualSlot * Model.Activations.Walks.TakeWhile(other => other != walk).Count();

    /// <summary>Where a walk collects the gradient of the embedding's output over the layers, where blocks read it.</summary>
    public long InitialGradientOffsetOf(string walk) => ResidualGradientOffsetOf(walk) + 2L * ResidualSlot;

    public long SavedStatisticsOffset(DevicePlan stage) =>
        Stages.TakeWhile(other => other != stage).Sum(other => (long)other.SavedStatistics * Copies(other));

    /// <summary>Whether a parameter's rows start at multiples of four elements in every layer.</summary>
    public bool IsAligned(Node parameter)
    {
        ParameterPlace place = Model.Layout[((ParameterPayload)parameter.Payload!).Parameter];
        return place.Offset % 4 == 0 && place.LayerStride % 4 == 0 && parameter.Shape.Columns % 4 == 0;
    }

    /// <summary>Tables of input rows that receive a gradient, each with a plan of its own for the order in which rows are added.</summary>
    public IReadOnlyList<Node> ScatteredTables => [.. Steps.OfType<CallStep>().Select(step => step.Call)
        .Where(call => call.Op is Op.ScatterAdd or Op.ScatterSum)
        .GroupBy(call => (call.Op, call.Payload, call.Shape)).Select(calls => calls.First())];

    /// <summary>Which of <see cref="ScatteredTables"/> a gradient is added to.</summary>
    public int ScatterOf(Node call)
    {
        IReadOnlyList<Node> tables = ScatteredTables;
        return Enumerable.Range(0, tables.Count).First(i =>
            (tables[i].Op, tables[i].Payload, tables[i].Shape).Equals((call.Op, call.Payload, call.Shape)));
    }

    private long SlotsPerWalk => Model.Activations.HasInitialGradient ? 3 : 2;

    private long SavedStart => ResidualGradientOffset + SlotsPerWalk * ResidualSlot * Model.Activations.Walks.Count;

    private long CapturedStart => SavedStart + Stages.Sum(stage => (long)stage.SavedElements * Copies(stage));

    /// <summary>How often what a stage keeps exists.</summary>
    public int Copies(DevicePlan stage) => Model.Activations.Recompute ? 1 : stage.Plan.Schedule.Stage.Forward.Repeat;

    /// <summary>Every operation that the step does.</summary>
    public IEnumerable<Step> Steps => Stages.SelectMany(stage => stage.Plan.Schedule.All);

    /// <summary>Whether a call of an operation occurs.</summary>
    public bool Calls(Op op) => Steps.OfType<CallStep>().Any(step => step.Call.Op == op);
}
