using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Emit;

/// <summary>A row kernel or epilogue that the step uses, to be printed after it.</summary>
internal sealed record UsedKernel(RowKernel Kernel, StagePlan Plan, string Summary, bool IsEpilogue);

/// <summary>Prints one direction of a stage as a method: a table of its tensors, then its steps, each with what it computes above it.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="model">The compiled model.</param>
/// <param name="plan">The stage.</param>
/// <param name="kernels">Receives the kernels used.</param>
internal sealed class StageMethods(SourceWriter writer, CompiledSpec model, StagePlan plan, List<UsedKernel> kernels)
{
    private readonly HashSet<Node> _stored =
        [.. plan.Schedule.All.SelectMany(step => step.Results)];

    private Stage Stage => plan.Schedule.Stage.Forward;

    private bool Repeats => Stage.Name == "Block";

    private string LayerParameter => Repeats ? ", int layer" : "";

    public void Forward()
    {
        string summary = Stage.IsHead
            ? "Head, up to its input: the last norm."
            : $"{Stage.Name}: {(Stage.Input is null ? "token ids" : "residual stream")} → residual stream.";
        string again = ComputesAgain ? ", bool again = false" : "";
        Method($"Forward{Stage.Name}(int* tokens{LayerParameter}{again})", summary, plan.Schedule.Forward, ComputesAgain ? plan.StepsForSaved : null);
    }

    public void Backward()
    {
        Backward("", plan.Schedule.Backward);
        foreach (RouteSchedule route in plan.Schedule.Routes)
        {
            Backward(route.Stage.Walk, route.Steps);
        }
    }

    /// <summary>What a stage does in a walk, in words.</summary>
    public static string BackwardSummary(Stage stage, string walk) => walk.Length == 0
        ? stage.IsHead ? "Losses, and the gradients of the head." : $"Gradients of {stage.Name}, from that of its output."
        : stage.IsHead ? $"The gradient that starts the {walk} walk; the weight receives none."
        : stage.Input is null ? "The routed gradient of the input rows."
        : $"{walk} walk: the gradient of the residual stream that enters, from that of the one that leaves; no parameter receives any.";

    private void Backward(string walk, IReadOnlyList<Step> steps)
    {
        if (steps.Count > 0)
        {
            Method(
                $"Backward{Stage.Name}{walk}(int* tokens, int* targets, T gradientScale{LayerParameter}{DistanceParameter(walk)})",
                BackwardSummary(Stage, walk), steps);
        }
    }

    private string DistanceParameter(string walk) => Repeats && IsByDistance(walk) ? ", int distance" : "";

    private bool IsByDistance(string walk) => model.Gradients.Routes.Any(route => route.Name == walk && route.ByDistance);

    /// <summary>The methods that end at the losses and at one row of logits.</summary>
    public void HeadResults()
    {
        string cap = GraphPrinter.Number(((CrossEntropyPayload)Stage.Output.Payload!).SoftCap);
        Node x = Stage.Output.Inputs[0];
        string rows = Base(plan.Views[x].Buffer);
        string[] weights = [.. Stage.Output.Inputs.Skip(1).Select(Parameter)];
        (string losses, string logits) = Stage.Output.Op == Op.LinearCrossEntropy
            ? ($"LinearCrossEntropy.Losses(Pool, R, Width, Vocabulary, {rows}, {weights[0]}, targets, {cap}, Losses.Pointer);",
                $"LinearCrossEntropy.Logits(Pool, Width, Vocabulary, {rows} + row * (long)Width, {weights[0]}, {cap}, logits);")
            : ($"ByteDecoder.Losses(Pool, R, {x.Shape.Columns}, TargetSpelling, {rows}, {weights[0]}, {weights[1]}, targets, {cap}, Losses.Pointer);",
                $"ByteDecoder.LogProbabilities(Pool, Vocabulary, {x.Shape.Columns}, TargetSpelling, {rows} + row * {x.Shape.Columns}L, {weights[0]}, {weights[1]}, {cap}, logits);");
        writer.Gap();
        writer.Line("/// <summary>Losses [R] of the last forward.</summary>");
        writer.Line("private void HeadLosses(int* targets) =>");
        writer.Line($"    {losses}");
        writer.Gap();
        writer.Line("/// <summary>Logits [V] of one row of the last forward.</summary>");
        writer.Line("private void HeadLogits(int row, T* logits) =>");
        writer.Line($"    {logits}");
    }

    private bool ComputesAgain => Repeats && model.Activations.Recompute;

    /// <param name="again">Steps after which one who computes a forward again has all that a backward reads; null where nobody does.</param>
    private void Method(string signature, string summary, IReadOnlyList<Step> steps, int? again = null)
    {
        writer.Gap();
        writer.Line($"/// <summary>{summary}</summary>");
        writer.Open($"private void {signature}");
        foreach (ActivationBuffer buffer in Buffers(steps))
        {
            writer.Line($"T* {Names.Camel(buffer.Name)} = {Base(buffer)}; // [R, {buffer.PerToken}]");
        }

        for (int i = 0; i < steps.Count; i++)
        {
            if (i == again)
            {
                writer.Gap();
                writer.Open("if (again) // what is left stands in memory since the forward");
                writer.Line("return;");
                writer.Close();
            }

            writer.Gap();
            switch (steps[i])
            {
                case RowKernelStep kernel:
                    RowKernel(kernel);
                    break;
                case ProductStep { IsWeightGradient: true } product:
                    WeightGradient(product);
                    break;
                case ProductStep product:
                    Product(product);
                    break;
                case CallStep call:
                    Call(call);
                    break;
            }
        }

        writer.Close();
    }

    private void RowKernel(RowKernelStep step)
    {
        string place = PlaceOf(step.Results.Concat(step.Group), step);
        RowKernel kernel = Kernels.BuildRowKernel.Run(
            KernelName(place, "Kernel"), step.Group, step.Results, step.RowsPerToken, step.Columns, InMemory);
        string summary = $"{What(step)}, over rows of {step.Columns}.";
        kernels.Add(new UsedKernel(kernel, plan, summary, false));
        int rowsPerTile = PlanBuffers.RowsPerTile(step);
        string rows = step.RowsPerToken == 1 ? "R" : $"R * {step.RowsPerToken}";
        writer.Line($"// {summary} Fused: {string.Join(", ", step.Group.Select(node => node.Op))}.");
        writer.Line($"// The group ends because {step.Ended}.");
        writer.Line($"Pool.RunRows(new {kernel.Name} {{ {Fields(kernel)} }}, {rows}, {rowsPerTile});");
        foreach (Node sum in step.ColumnSums)
        {
            string add = sum.Shape.Columns > 1 && SinksOf(sum).Any(sink => sink.Shape.Columns == 1) ? "AddTotal" : "Add";
            ForEachTarget(sum, target => $"PartialSums.{add}(Pool, WorkerPool.Tiles({rows}, {rowsPerTile}), {sum.Shape.Columns}, "
                + $"{Names.Camel(plan.Partials[sum].Name)}, {target});");
        }
    }

    private void Product(ProductStep step)
    {
        Node product = step.Product;
        var payload = (MatMulPayload)product.Payload!;
        Node a = product.Inputs[0];
        Node b = product.Inputs[1];
        Node target = step.Results.First();
        string sizes = $"R, {product.Shape.Columns}, {a.Shape.Columns}";
        string right = $"MatrixView<T>.{(payload.TransposeB ? "Transposed" : "Rows")}({Parameter(b)}, {b.Shape.Columns})";
        string left = $"MatrixView<T>.Rows({Pointer(a)}, {plan.Views[a].TokenStride})";
        string into = $"{Pointer(target)}, {plan.Views[target].TokenStride}";
        string formula = $"{Label(target)} {product.Shape} = {Label(a)} · {Label(b)}{(payload.TransposeB ? "ᵀ" : "")}";
        if (step.Epilogue.Count == 0)
        {
            writer.Line($"// {formula}");
            writer.Line($"MatMul.Run(Pool, {sizes}, {left}, {right}, {into}, accumulate: false);");
            return;
        }

        RowKernel kernel = Kernels.BuildRowKernel.Run(
            KernelName(PlaceOf(step.Results, step), "Epilogue"), step.Epilogue, step.Results, 1, product.Shape.Columns, InMemory, product);
        string what = $"{string.Join(", ", step.Results.Select(Label))} from the finished product";
        kernels.Add(new UsedKernel(kernel, plan, $"{what} {product.Shape}.", true));
        writer.Line($"// {formula}, then {string.Join(", ", step.Epilogue.Select(node => node.Op))} on each finished stretch.");
        writer.Line($"MatMul.Run(Pool, {sizes}, {left}, {right}, {into},");
        writer.Line($"    new {kernel.Name} {{ {Fields(kernel)} }});");
    }

    private void WeightGradient(ProductStep step)
    {
        Node dY = step.Product.Inputs[0];
        Node x = step.Product.Inputs[1];
        string? bias = step.BiasGradient is null ? null : Targets(step.BiasGradient).Single();
        writer.Line($"// Gradient of {TargetName(step.Product)} {step.Product.Shape} += {Label(dY)}ᵀ · {Label(x)}"
            + (step.BiasGradient is null ? "" : $", and of {TargetName(step.BiasGradient)} += its column sums"));
        foreach (Node sink in SinksOf(step.Product))
        {
            string parameter = ((ParameterPayload)sink.Payload!).Parameter;
            writer.Line($"MatMul.WeightGradient(Pool, R, {dY.Shape.Columns}, {x.Shape.Columns}, "
                + $"MatrixView<T>.Rows({Pointer(dY)}, {plan.Views[dY].TokenStride}), MatrixView<T>.Rows({Pointer(x)}, {plan.Views[x].TokenStride}),");
            writer.Line($"    {Address("Gradients", parameter)}, {bias ?? "null"}{Adds(parameter)});");
            bias = null;
        }
    }

    private void Call(CallStep step)
    {
        Node node = step.Call;
        switch (node.Op)
        {
            case Op.Attention:
                writer.Line("// Causal attention: softmax(q·kᵀ·scale)·v for each head, and the log-sum-exp of each row");
                writer.Line($"CausalAttention.Forward(Pool, Batch, Context, {Heads(node)},");
                writer.Line($"    {Strided(node.Inputs)}, {Strided([PartOf(step, 0)])}, {Pointer(PartOf(step, 1))});");
                break;
            case Op.AttentionGradient:
                writer.Line("// Gradients of queries, keys and values, the probabilities computed again from the log-sum-exp");
                writer.Line($"CausalAttention.Backward(Pool, Batch, Context, {Heads(node)},");
                writer.Line($"    {Strided([.. node.Inputs.Take(4)])}, {Pointer(node.Inputs[4])}, {Strided([node.Inputs[5]])},");
                writer.Line($"    {Strided([PartOf(step, 0), PartOf(step, 1), PartOf(step, 2)])});");
                break;
            case Op.GeneralAttention:
                writer.Line($"// Causal attention{Restriction(node)}: softmax(scores)·v for each head, and the log-sum-exp of each row");
                writer.Line($"GeneralAttention.Forward(Pool, Batch, Context, {Heads(node)}, {Mask(node)},");
                writer.Line($"    {Strided(node.Inputs)}, {Strided([PartOf(step, 0)])}, {(step.Results.Count == 2 ? Pointer(PartOf(step, 1)) : "null")});");
                break;
            case Op.GeneralAttentionGradient:
                writer.Line($"// Gradients of {Parts(step)}{Restriction(node)}, the probabilities computed again from the log-sum-exp");
                writer.Line($"GeneralAttention.Backward(Pool, Batch, Context, {Heads(node)}, {Mask(node)}, distance: {Distance(node)},");
                writer.Line($"    {Strided([.. node.Inputs.Take(4)])}, {Pointer(node.Inputs[4])}, {Strided([node.Inputs[5]])},");
                writer.Line($"    {string.Join(", ", Enumerable.Range(0, 3).Select(part => PartOrNull(step, part)))});");
                break;
            case Op.Rotary:
                var rotary = (RotaryPayload)node.Payload!;
                writer.Line($"// {Label(node)}: rotated {(rotary.Inverse ? "back " : "")}by position");
                writer.Line($"Rotary.Apply(Pool, R, Context, {rotary.Heads}, {rotary.HeadWidth}, {Strided([node.Inputs[0]])}, {Strided([node])}, "
                    + $"inverse: {(rotary.Inverse ? "true" : "false")});");
                break;
            case Op.GatherSum:
                writer.Line($"// {Label(node)} {node.Shape}: the composition rows of each token's bytes, summed, over √count");
                writer.Line($"EmbeddingRows.GatherSum(Pool, R, {node.Shape.Columns}, tokens, Spelling, {Parameter(node.Inputs[0])}, {Pointer(node)});");
                break;
            case Op.ScatterAdd:
                writer.Line($"// Gradient of {TargetName(node)} {node.Shape}: each row to its {(node.Payload is null ? "token" : "id")}, in order of position");
                ForEachTarget(node, target =>
                    $"EmbeddingRows.ScatterAdd(Pool, R, {node.Shape.Columns}, {Ids((node.Payload as IdsPayload)?.Ids ?? Operand.Tokens)}, {node.Shape.Rows}, {Pointer(node.Inputs[0])}, {target}{Apart(node.Inputs[0])});");
                break;
            case Op.PositionSum:
                writer.Line($"// Gradient of {TargetName(node)} {node.Shape}: summed over the batch");
                ForEachTarget(node, target =>
                    $"EmbeddingRows.PositionAdd(Pool, R, {node.Shape.Columns}, {node.Shape.Rows}, {Whole(node.Inputs[0])}, {target});");
                break;
            case Op.ScatterSum:
                writer.Line($"// Gradient of {TargetName(node)} {node.Shape}: each row to every byte of its token");
                ForEachTarget(node, target =>
                    $"EmbeddingRows.ScatterSum(Pool, R, {node.Shape.Columns}, tokens, Spelling, {node.Shape.Rows}, {Whole(node.Inputs[0])}, {target});");
                break;
            case Op.LinearCrossEntropyGradient or Op.ByteCrossEntropyGradient:
                CrossEntropyGradient(step);
                break;
            default:
                throw new InvalidOperationException($"{node.Op} has no kernel on the CPU.");
        }
    }

    /// <summary>Of a gradient that a step which updates in its backward writes: that other steps add to it.</summary>
    private string Adds(string parameter) => model.Updates.Written.Contains(parameter) ? ", adds: !UpdatesInBackward" : "";

    private void CrossEntropyGradient(CallStep step)
    {
        Node node = step.Call;
        var payload = (CrossEntropyPayload)node.Payload!;
        string whose = payload.Ahead > 0 ? $" of the target {payload.Ahead} further ahead" : "";
        (string targets, string scale, string losses) = payload.Ahead > 0
            ? ($"FutureTargets(targets, {payload.Ahead})", $"gradientScale * Lanes.Scalar<T>({GraphPrinter.Number(payload.Weight)})", $"FutureLosses({payload.Ahead})")
            : ("targets", "gradientScale", "Losses.Pointer");
        string[] added = [.. Enumerable.Range(1, node.Inputs.Count - 1).Select(part => HasPart(step, part) ? Targets(PartOf(step, part)).Single() : "null")];
        string trained = string.Concat(Enumerable.Range(1, node.Inputs.Count - 1).Where(part => HasPart(step, part))
            .Select(part => $", and of {TargetName(PartOf(step, part))} {node.Inputs[part].Shape}"));
        string cap = GraphPrinter.Number(payload.SoftCap);
        string x = Pointer(node.Inputs[0]);
        if (node.Op == Op.ByteCrossEntropyGradient)
        {
            writer.Line($"// Losses [R]{whose}, token by token as its bytes, the gradient of the decoder's state{trained}; places by chunks");
            writer.Line($"ByteDecoder.LossesAndGradients(Pool, R, {node.Inputs[0].Shape.Columns}, TargetSpelling, {x}, {node.Inputs[1].Shape.Rows}, "
                + $"{Parameter(node.Inputs[1])}, {Parameter(node.Inputs[2])}, {targets}, {cap},");
        }
        else
        {
            writer.Line($"// Losses [R]{whose}, the gradient of the head's input{trained}; logits by row chunks");
            writer.Line($"LinearCrossEntropy.LossesAndGradients(Pool, R, Width, Vocabulary, {x}, {Parameter(node.Inputs[1])}, {targets}, {cap},");
        }

        writer.Line($"    {scale}, {losses}, {Pointer(PartOf(step, 0))}, {string.Join(", ", added)}, LossWeights"
            + $"{(node.Op == Op.LinearCrossEntropyGradient && HasPart(step, 1) ? Adds(TargetName(PartOf(step, 1))) : "")});");
    }

    private static bool HasPart(CallStep step, int index) => step.Results.Any(part => ((PickPayload)part.Payload!).Index == index);

    private static Node PartOf(CallStep step, int index) =>
        step.Results.First(part => ((PickPayload)part.Payload!).Index == index);

    /// <summary>Pointer and stride of a part, or null where nobody needs it.</summary>
    private string PartOrNull(CallStep step, int index) =>
        HasPart(step, index) ? Strided([PartOf(step, index)]) : "null, 0";

    /// <summary>Which gradients of attention's inputs are needed, in words.</summary>
    public static string Parts(CallStep step)
    {
        string[] names = ["queries", "keys", "values"];
        return string.Join(" and ", step.Results.Select(part => ((PickPayload)part.Payload!).Index).OrderBy(index => index).Select(index => names[index]));
    }

    /// <summary>What distinguishes an attention from the plain one, in words.</summary>
    public static string Restriction(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        string window = payload.Windows.Count == 0 ? "" : payload.Windows.All(size => size == 1)
            ? ", every position to itself alone" : ", within the layer's window";
        string reach = payload.Reach switch
        {
            null => "",
            0 => "; keys and values of earlier positions are constants",
            _ => ", for targets at this distance",
        };
        return window + (payload.Slopes ? ", scores falling with distance" : "") + reach;
    }

    /// <summary>The window of the layer, and whether scores have slopes.</summary>
    public static string Mask(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        string window = payload.Windows.Count == 0 ? "0"
            : payload.Windows.Distinct().Count() == 1 ? Text(payload.Windows[0]) : $"{StepEmitter.WindowTable}[layer]";
        return $"window: {window}, slopes: {(payload.Slopes ? "true" : "false")}";
    }

    private static string Distance(Node node) => ((AttentionPayload)node.Payload!).Reach switch
    {
        null => "GeneralAttention.AnyDistance",
        0 => "0",
        _ => "distance",
    };

    private static string Text(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Heads(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        return $"{payload.Heads}, {payload.KeyValueHeads}, {payload.HeadWidth}, {GraphPrinter.Number(payload.Scale)}";
    }

    private string Strided(IReadOnlyList<Node> nodes) =>
        string.Join(", ", nodes.Select(node => $"{Pointer(node)}, {plan.Views[node].TokenStride}"));

    /// <summary>Buffers that the steps touch, in order of first use.</summary>
    private IEnumerable<ActivationBuffer> Buffers(IReadOnlyList<Step> steps)
    {
        var seen = new HashSet<ActivationBuffer>();
        foreach (Node node in steps.SelectMany(step => step.Members.SelectMany(Operands).Concat(step.Results).Concat(step.Members)))
        {
            if (plan.Partials.TryGetValue(node, out ActivationBuffer? partial) && seen.Add(partial))
            {
                yield return partial;
            }

            if (plan.Views.TryGetValue(node, out View view) && Touches(node) && seen.Add(view.Buffer))
            {
                yield return view.Buffer;
            }
        }
    }

    private bool Touches(Node node) =>
        InMemory(node) || node.Op.IsView() || node.Op.IsLeafInMemory();

    private IEnumerable<Node> Operands(Node node) => node.Inputs.SelectMany(input =>
        Touches(input) ? [input] : input.Op.IsLeaf() || !input.Op.IsFusible() ? [] : Operands(input));

    private bool InMemory(Node node) =>
        node.Op.IsLeaf() || node.Op.IsView() || node.Op == Op.Pick || _stored.Contains(node);

    /// <summary>Start of a buffer.</summary>
    private string Base(ActivationBuffer buffer)
    {
        string layer = Repeats ? "layer" : Stage.IsHead ? "Layers" : "0";
        string next = Repeats ? "layer + 1" : "0";
        string distance = IsByDistance(buffer.Walk) ? Repeats ? ", distance" : ", 0" : "";
        return buffer.Region switch
        {
            Region.Residual => $"Residual({layer})",
            Region.NextResidual => $"Residual({next})",
            Region.ResidualGradient => $"{buffer.Walk}ResidualGradient({layer}{distance})",
            Region.NextResidualGradient => $"{buffer.Walk}ResidualGradient({next}{distance})",
            Region.InitialResidual => "Residual(0)",
            Region.TokenPlace => $"TokenPlace({buffer.Offset})",
            Region.TokenShare => $"TokenShare({buffer.Offset})",
            Region.InitialGradient => $"{buffer.Walk}InitialGradient",
            Region.Captured => $"At({model.Activations.CapturedOffset(plan) + buffer.Offset})",
            Region.SavedByDistance => $"Saved(layer, {buffer.Offset}) + distance * {HeadChannels}L",
            Region.Saved when Repeats => $"Saved({(model.Activations.Recompute ? "" : "layer, ")}{buffer.Offset})",
            Region.Saved => $"At({model.Activations.SavedOffset(plan) + buffer.Offset})",
            _ => $"At({model.Activations.TemporaryOffset + buffer.Offset})",
        };
    }

    private int HeadChannels => model.Spec.Architecture.Heads * model.Spec.Architecture.HeadWidth;

    private string Pointer(Node node)
    {
        View view = plan.Views[node];
        return Names.Camel(view.Buffer.Name) + (view.First == 0 ? "" : $" + {view.First}");
    }

    /// <summary>The distance of rows that are columns of wider ones; nothing where they follow one another.</summary>
    private string Apart(Node node) => plan.Views[node].IsContiguous ? "" : $", {plan.Views[node].TokenStride}";

    /// <summary>A pointer for a kernel that takes rows which follow one another.</summary>
    private string Whole(Node node) => plan.Views[node].IsContiguous
        ? Pointer(node)
        : throw new InvalidOperationException($"{Label(node)} is a part of wider rows, which its kernel does not take.");

    private string Parameter(Node node) => Address("Parameters", ((ParameterPayload)node.Payload!).Parameter);

    private string Address(string arena, string parameter)
    {
        ParameterPlace place = model.Layout[parameter];
        if (place.Parameter.SharesUntil > 0)
        {
            return $"{arena}.Pointer + HeadOffset";
        }

        if (place.Parameter.SkipsLayers)
        {
            return arena == "Parameters"
                ? $"{ParameterOfSomeLayers(place)}(layer)"
                : $"{arena}.Pointer + {place.Offset}L + {StepEmitter.ValueTables}[layer] * {place.LayerStride}L";
        }

        string layer = arena == "Gradients" && model.Updates.InBackward ? "GradientSlot(layer)" : "layer";
        return $"{arena}.Pointer + {place.Offset}L" + (place.LayerStride > 0 ? $" + {layer} * {place.LayerStride}L" : "");
    }

    /// <summary>The method that finds the copy of a layer, of a parameter that not every layer has.</summary>
    public static string ParameterOfSomeLayers(ParameterPlace place) => place.Parameter.IsMatrix ? "ValueTable" : "ValueScale";

    /// <summary>Gradient addresses that a value is added to.</summary>
    private IEnumerable<string> Targets(Node node) =>
        SinksOf(node).Select(sink => Address("Gradients", ((ParameterPayload)sink.Payload!).Parameter));

    /// <summary>Prints a call once for each parameter that has this gradient: equal gradients are one node.</summary>
    private void ForEachTarget(Node node, Func<string, string> call)
    {
        foreach (Node sink in SinksOf(node))
        {
            string parameter = ((ParameterPayload)sink.Payload!).Parameter;
            bool skips = model.Layout[parameter].Parameter.SkipsLayers;
            if (skips)
            {
                writer.Open($"if ({StepEmitter.ValueTables}[layer] >= 0)");
            }

            writer.Line(call(Address("Gradients", parameter)));
            if (skips)
            {
                writer.Close();
                writer.Gap();
            }
        }
    }

    private string TargetName(Node node) => ((ParameterPayload)SinksOf(node).First().Payload!).Parameter;

    private IEnumerable<Node> SinksOf(Node node) => plan.Schedule.Sinks.Where(sink => sink.Inputs[0] == node);

    private string Fields(RowKernel kernel)
    {
        IEnumerable<string> fields = kernel.Operands.Where(operand => operand.Access != Access.Product).Select(operand =>
            $"{CpuKernelEmitter.Field(operand)} = {Argument(operand)}");
        return string.Join(", ", CpuKernelEmitter.IdsOf(kernel).Select(ids => $"{ids} = {Ids(ids)}").Concat(fields));
    }

    /// <summary>The pointer to ids [R].</summary>
    private static string Ids(string name) => name switch
    {
        Operand.Tokens => "tokens",
        IdsPayload.Suffixes => "Suffixes",
        IdsPayload.Second => "SecondTokens(tokens)",
        _ when name.StartsWith(IdsPayload.Bytes, StringComparison.Ordinal) => $"TokenBytes({name.Substring(IdsPayload.Bytes.Length)} - 1)",
        _ => $"Ngrams({name.Substring("Ngrams".Length)})",
    };

    private string Argument(Operand operand) => operand.Access == Access.Partial
        ? Names.Camel(plan.Partials[operand.Node].Name)
        : operand.Node.Op == Op.Parameter ? Parameter(operand.Node) : Pointer(operand.Node);

    private string KernelName(string place, string suffix)
    {
        string name = Stage.Name == "Block" ? Names.Pascal(place) : Names.Pascal(place.StartsWith(Stage.Name, StringComparison.Ordinal) ? place : Stage.Name + "." + place);
        string unique = name + suffix;
        for (int i = 2; kernels.Any(used => used.Kernel.Name == unique); i++)
        {
            unique = name + i.ToString(System.Globalization.CultureInfo.InvariantCulture) + suffix;
        }

        return unique;
    }

    private static string PlaceOf(IEnumerable<Node> nodes, Step step) =>
        nodes.Where(node => node.Name.Length > 0).OrderByDescending(node => node.Shape.Columns).ThenByDescending(node => node.Id)
            .Select(node => node.Name).FirstOrDefault() ?? (step.Members.FirstOrDefault(node => node.Op == Op.ColumnSum) is { } sum
                ? sum.Inputs[0].Name + ".ColumnSums" : "Row");

    private string What(RowKernelStep step)
    {
        IEnumerable<string> stored = step.Results.Select(Label);
        IEnumerable<string> sums = step.ColumnSums.Select(sum => $"the gradient of {TargetName(sum)}");
        return string.Join(", ", stored.Concat(sums));
    }

    private string Label(Node node) => node.Op == Op.Parameter ? ((ParameterPayload)node.Payload!).Parameter
        : node.Name.Length > 0 ? node.Name
        : plan.Views.TryGetValue(node, out View view) ? view.Buffer.Name : node.Op.ToString();
}
