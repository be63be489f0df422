using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;
using static Embeddings.Generator.Cuda.CudaAddresses;

namespace Embeddings.Generator.Cuda;

/// <summary>
/// Prints one direction of a stage as a method of the CUDA step: a table of its tensors, then its launches and products, each with what it
/// computes above it. It follows the same schedule as the CPU's step.
/// </summary>
internal sealed class CudaStageMethods
{
    private readonly SourceWriter _writer;
    private readonly CudaSpec _cuda;
    private readonly CudaAddresses _at;
    private readonly CudaRowKernels _rowKernels;
    private readonly CudaProducts _products;
    private readonly CudaLosses _losses;

    /// <param name="writer">Receives the text.</param>
    /// <param name="cuda">The model.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="kernels">Receives the row kernels used.</param>
    public CudaStageMethods(SourceWriter writer, CudaSpec cuda, DevicePlan stage, List<UsedCudaKernel> kernels)
    {
        _writer = writer;
        _cuda = cuda;
        _at = new CudaAddresses(cuda, stage);
        _rowKernels = new CudaRowKernels(writer, _at, kernels);
        _products = new CudaProducts(writer, _at, _rowKernels);
        _losses = new CudaLosses(writer, _at, _products);
    }

    private string LayerParameter => _at.Repeats ? "int layer" : "";

    /// <summary>Prints the forward.</summary>
    public void Forward() => Method(
        $"Forward{_at.Stage.Name}({LayerParameter}{(_at.ComputesAgain ? ", bool again = false" : "")})",
        _at.Stage.IsHead
            ? "Head, up to its input: the last norm."
            : $"{_at.Stage.Name}: {(_at.Stage.Input is null ? "token ids" : "residual stream")} → residual stream.",
        _at.Plan.Schedule.Forward,
        again: _at.ComputesAgain ? _at.Plan.StepsForSaved : null);

    /// <summary>Prints the backward of the main walk, and of every route's.</summary>
    public void Backward()
    {
        Backward("", _at.Plan.Schedule.Backward);
        foreach (RouteSchedule route in _at.Plan.Schedule.Routes)
        {
            Backward(route.Stage.Walk, route.Steps);
        }
    }

    /// <summary>Prints the methods that end at the losses and at one row of logits.</summary>
    public void HeadResults() => _losses.PrintResults();

    private void Backward(string walk, IReadOnlyList<Step> steps)
    {
        if (steps.Count > 0)
        {
            string distance = _at.Repeats && _at.IsByDistance(walk) ? ", int distance" : "";
            Method($"Backward{_at.Stage.Name}{walk}({LayerParameter}{distance})", StageMethods.BackwardSummary(_at.Stage, walk), steps, walk);
        }
    }

    /// <param name="again">Steps after which one who computes a forward again has all that a backward reads; null where nobody does.</param>
    private void Method(string signature, string summary, IReadOnlyList<Step> steps, string walk = "", int? again = null)
    {
        _writer.Gap();
        _writer.Line($"/// <summary>{summary}</summary>");
        _writer.Open($"private void {signature}");
        foreach (ActivationBuffer buffer in _at.Buffers(steps))
        {
            string type = _at.DeviceStage.Statistics.Contains(buffer) ? ", float" : "";
            _writer.Line($"nint {Names.Camel(buffer.Name)} = {_at.Base(buffer)}; // [R, {buffer.PerToken}]{type}");
        }

        for (int i = 0; i < steps.Count; i++)
        {
            if (i == again)
            {
                _writer.Gap();
                _writer.Open("if (again) // what is left stands in memory since the forward");
                _writer.Line("return;");
                _writer.Close();
            }

            _writer.Gap();
            switch (steps[i])
            {
                case RowKernelStep kernel:
                    _rowKernels.Print(kernel);
                    break;
                case ProductStep { IsWeightGradient: true } product:
                    _products.PrintWeightGradient(product);
                    break;
                case ProductStep product:
                    _products.Print(product);
                    break;
                case CallStep call:
                    Call(call, walk);
                    break;
                default:
                    throw new CudaUnsupportedException($"a step of the kind {steps[i].GetType().Name}");
            }
        }

        _writer.Close();
    }

    private void Call(CallStep step, string walk)
    {
        Node node = step.Call;
        switch (node.Op)
        {
            case Op.Attention:
                _writer.Line("// Causal attention: softmax(q·kᵀ·scale)·v for each head, and the log-sum-exp of each row");
                _writer.Line($"Library.AttentionForward(Batch, Context, {Heads(node)},");
                _writer.Line($"    {_at.Strided(node.Inputs)}, {_at.Strided([PartOf(step, 0)])}, {_at.Pointer(PartOf(step, 1))});");
                break;
            case Op.AttentionGradient:
                _writer.Line("// Gradients of queries, keys and values, the probabilities computed again from the log-sum-exp");
                _writer.Line($"Library.AttentionBackward(Batch, Context, {Heads(node)},");
                _writer.Line($"    {_at.Strided([.. node.Inputs.Take(4)])}, {_at.Pointer(node.Inputs[4])}, {_at.Strided([node.Inputs[5]])}, AttentionDelta,");
                _writer.Line($"    {_at.Strided([PartOf(step, 0), PartOf(step, 1), PartOf(step, 2)])});");
                break;
            case Op.GeneralAttention:
                _writer.Line($"// Causal attention{StageMethods.Restriction(node)}: softmax(scores)·v for each head, and the log-sum-exp of each row");
                _writer.Line($"Library.AttentionForward(Batch, Context, {Heads(node)},");
                _writer.Line($"    {_at.Strided(node.Inputs)}, {_at.Strided([PartOf(step, 0)])}, {(step.Results.Count == 2 ? _at.Pointer(PartOf(step, 1)) : "0")}, {StageMethods.Mask(node)});");
                break;
            case Op.GeneralAttentionGradient:
                _writer.Line($"// Gradients of {StageMethods.Parts(step)}{StageMethods.Restriction(node)}, the probabilities computed again from the log-sum-exp");
                _writer.Line($"Library.AttentionBackward(Batch, Context, {Heads(node)},");
                _writer.Line($"    {_at.Strided([.. node.Inputs.Take(4)])}, {_at.Pointer(node.Inputs[4])}, {_at.Strided([node.Inputs[5]])}, AttentionDelta,");
                _writer.Line($"    {string.Join(", ", Enumerable.Range(0, 3).Select(part => _at.PartOrNull(step, part)))}, {StageMethods.Mask(node)}{Distance(node)});");
                break;
            case Op.Rotary:
                var rotary = (RotaryPayload)node.Payload!;
                _writer.Line($"// {_at.Label(node)}: rotated {(rotary.Inverse ? "back " : "")}by position");
                _writer.Line($"Library.Rotary(R, Context, {rotary.Heads}, {rotary.HeadWidth}, Angles, {_at.Strided([node.Inputs[0]])}, {_at.Strided([node])}, "
                    + $"inverse: {(rotary.Inverse ? "true" : "false")});");
                break;
            case Op.GatherSum:
                _writer.Line($"// {_at.Label(node)} {node.Shape}: the composition rows of each token's bytes, summed, over √count");
                _writer.Line($"Library.GatherSum(R, {node.Shape.Columns}, TokenIds, Spelling, {_at.Parameter(node.Inputs[0])}, {_at.Contiguous(node)});");
                break;
            case Op.ScatterAdd:
                _writer.Line($"// Gradient of {_at.TargetName(node)} {node.Shape}: each row to its {(node.Payload is null ? "token" : "id")}, in order of position");
                _at.ForEachTarget(_writer, node, target =>
                    $"Library.Scatter(Scatter({_cuda.ScatterOf(node)}), {node.Shape.Columns}, {_at.Strided([node.Inputs[0]])}, TokenIds, 0, {target});");
                break;
            case Op.ScatterSum:
                _writer.Line($"// Gradient of {_at.TargetName(node)} {node.Shape}: each row to every byte of its token");
                _at.ForEachTarget(_writer, node, target =>
                    $"Library.Scatter(Scatter({_cuda.ScatterOf(node)}), {node.Shape.Columns}, {_at.Strided([node.Inputs[0]])}, TokenIds, Spelling.Weights, {target});");
                break;
            case Op.PositionSum:
                _writer.Line($"// Gradient of {_at.TargetName(node)} {node.Shape}: summed over the batch");
                _at.ForEachTarget(_writer, node, target =>
                    $"Library.PositionSums(Batch, Context, {node.Shape.Columns}, {_at.Contiguous(node.Inputs[0])}, {target});");
                break;
            case Op.LinearCrossEntropyGradient:
                _losses.PrintGradients(step, walk.Length > 0 ? "PermutedTargets" : "Targets");
                break;
            case Op.ByteCrossEntropyGradient:
                _losses.PrintByteGradients(step, walk);
                break;
            default:
                throw new CudaUnsupportedException($"a kernel for {node.Op}");
        }
    }

    private static string Heads(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        return $"{payload.Heads}, {payload.KeyValueHeads}, {GraphPrinter.Number(payload.Scale)}";
    }

    /// <summary>The argument that says how far gradients travel back, where that is bounded.</summary>
    private static string Distance(Node node) => ((AttentionPayload)node.Payload!).Reach switch
    {
        null => "",
        0 => ", distance: 0",
        _ => ", distance: distance",
    };
}
