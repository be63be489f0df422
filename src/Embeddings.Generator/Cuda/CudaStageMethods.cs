using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;

namespace Embeddings.Generator.Cuda;

/// <summary>A row kernel that the CUDA step launches, to be printed after it.</summary>
/// <param name="HasTiles">Whether it leaves partial sums, of this many columns in all.</param>
internal sealed record UsedCudaKernel(RowKernel Kernel, DevicePlan Stage, string Summary, IReadOnlyDictionary<Node, View> Views)
{
    /// <summary>Columns of all its partial sums.</summary>
    public int PartialColumns => Kernel.Operands.Count(operand => operand.Access == Access.Partial) * Kernel.Columns;
}

/// <summary>
/// Prints one direction of a stage as a method of the CUDA step: a table of its tensors, then its launches and products, each with what it
/// computes above it. It follows the same schedule as the CPU's step.
/// </summary>
/// <param name="writer">Receives the text.</param>
/// <param name="cuda">The model.</param>
/// <param name="stage">The stage.</param>
/// <param name="kernels">Receives the row kernels used.</param>
internal sealed class CudaStageMethods(SourceWriter writer, CudaSpec cuda, DevicePlan stage, List<UsedCudaKernel> kernels)
{
    private readonly HashSet<Node> _stored =
        [.. stage.Plan.Schedule.All.SelectMany(step => step.Results)];

    private StagePlan Plan => stage.Plan;

    private Stage Stage => Plan.Schedule.Stage.Forward;

    private bool Repeats => Stage.Name == "Block";

    private string LayerParameter => Repeats ? "int layer" : "";

    public void Forward() => Method(
        $"Forward{Stage.Name}({LayerParameter}{(ComputesAgain ? ", bool again = false" : "")})",
        Stage.IsHead
            ? "Head, up to its input: the last norm."
            : $"{Stage.Name}: {(Stage.Input is null ? "token ids" : "residual stream")} → residual stream.",
        Plan.Schedule.Forward,
        again: ComputesAgain ? Plan.StepsForSaved : null);

    public void Backward()
    {
        Backward("", Plan.Schedule.Backward);
        foreach (RouteSchedule route in Plan.Schedule.Routes)
        {
            Backward(route.Stage.Walk, route.Steps);
        }
    }

    private void Backward(string walk, IReadOnlyList<Step> steps)
    {
        if (steps.Count > 0)
        {
            string distance = Repeats && IsByDistance(walk) ? ", int distance" : "";
            Method($"Backward{Stage.Name}{walk}({LayerParameter}{distance})", StageMethods.BackwardSummary(Stage, walk), steps, walk);
        }
    }

    private bool IsByDistance(string walk) => cuda.Model.Gradients.Routes.Any(route => route.Name == walk && route.ByDistance);

    /// <summary>The methods that end at the losses and at one row of logits.</summary>
    public void HeadResults()
    {
        Node x = Stage.Output.Inputs[0];
        string input = Base(Plan.Views[x].Buffer);
        var payload = (CrossEntropyPayload)Stage.Output.Payload!;
        string cap = GraphPrinter.Number(payload.SoftCap);
        if (Stage.Output.Op == Op.ByteCrossEntropy)
        {
            ByteResults(x, input, cap);
            return;
        }

        writer.Gap();
        writer.Line("/// <summary>Losses [R] of the last forward.</summary>");
        writer.Open("private void HeadLosses()");
        writer.Line($"nint x = {input}; // [R, {x.Shape.Columns}]");
        Chunks(x, "x", Stage.Output.Inputs[1], payload, "Targets", gradients: false);
        writer.Close();
        writer.Close();
        writer.Gap();
        writer.Line("/// <summary>Logits [V] of one row of the last forward, as float.</summary>");
        writer.Open("private void HeadLogits(int row)");
        writer.Line($"nint x = {input} + (nint)row * {x.Shape.Columns} * ElementBytes;");
        Multiply("1", "Vocabulary", Text(x.Shape.Columns), $"A = x, LeadingA = {x.Shape.Columns}",
            $"B = {Parameter(Stage.Output.Inputs[1])}, LeadingB = {x.Shape.Columns}, TransposeB = true", "C = Logits, LeadingC = LogitStride");
        writer.Line($"Library.CappedLogits(Vocabulary, {cap}, Logits, RowOfLogits);");
        writer.Close();
    }

    /// <summary><see cref="HeadResults"/> of a head of bytes.</summary>
    private void ByteResults(Node x, string input, string cap)
    {
        string parameters = $"{Parameter(Stage.Output.Inputs[1])}, {Parameter(Stage.Output.Inputs[2])}, {cap}";
        writer.Gap();
        writer.Line("/// <summary>Losses [R] of the last forward, token by token as its bytes.</summary>");
        writer.Line("private void HeadLosses() =>");
        writer.Line($"    Decoder.Losses(TargetPlaces, {input}, {parameters}, LossesOnDevice);");
        writer.Gap();
        writer.Line("/// <summary>Logits [V] of one row of the last forward, as float: the log-probability of each token's bytes.</summary>");
        writer.Line("private void HeadLogits(int row) =>");
        writer.Line($"    Decoder.LogProbabilities({input} + (nint)row * {x.Shape.Columns} * ElementBytes, {parameters}, RowOfLogits);");
    }

    private bool ComputesAgain => Repeats && cuda.Model.Activations.Recompute;

    /// <param name="again">Steps after which one who computes a forward again has all that a backward reads; null where nobody does.</param>
    private void Method(string signature, string summary, IReadOnlyList<Step> steps, string walk = "", int? again = null)
    {
        writer.Gap();
        writer.Line($"/// <summary>{summary}</summary>");
        writer.Open($"private void {signature}");
        foreach (ActivationBuffer buffer in Buffers(steps))
        {
            string type = stage.Statistics.Contains(buffer) ? ", float" : "";
            writer.Line($"nint {Names.Camel(buffer.Name)} = {Base(buffer)}; // [R, {buffer.PerToken}]{type}");
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
                    Call(call, walk);
                    break;
                default:
                    throw new CudaUnsupportedException($"a step of the kind {steps[i].GetType().Name}");
            }
        }

        writer.Close();
    }

    private void RowKernel(RowKernelStep step)
    {
        RowKernel kernel = BuildRowKernel.Run(
            KernelName(PlaceOf(step.Results.Concat(step.Group), step), "Kernel"), step.Group, step.Results, step.RowsPerToken, step.Columns, InMemory);
        string summary = $"{What(step)}, over rows of {step.Columns}.";
        string rows = step.RowsPerToken == 1 ? "R" : $"R * {step.RowsPerToken}";
        writer.Line($"// {summary} Fused: {string.Join(", ", step.Group.Select(node => node.Op))}.");
        writer.Line($"// The group ends because {step.Ended}.");
        Launch(kernel, summary, rows, Plan.Views);
        int first = 0;
        foreach (Node sum in step.ColumnSums)
        {
            string add = sum.Shape.Columns > 1 && SinksOf(sum).Any(sink => sink.Shape.Columns == 1) ? "AddPartialTotal" : "AddPartialSums";
            string partials = PartialSums(first);
            ForEachTarget(sum, target => $"Library.{add}(KernelLibrary.Tiles({rows}), {sum.Shape.Columns}, {partials}, {target});");
            first += sum.Shape.Columns;
        }
    }

    private void Launch(RowKernel kernel, string summary, string rows, IReadOnlyDictionary<Node, View> views)
    {
        kernels.Add(new UsedCudaKernel(kernel, stage, summary, views));
        int partials = 0;
        var arguments = new List<string> { $"rowCount: {rows}" };
        foreach (Operand operand in kernel.Operands)
        {
            string value = operand.Access switch
            {
                Access.Partial => PartialSums(partials),
                Access.Product => At(views[operand.Node]),
                Access.Vector or Access.Scalar => Master(operand.Node),
                _ => operand.Node.Op == Op.Parameter ? Parameter(operand.Node) : Pointer(operand.Node),
            };
            partials += operand.Access == Access.Partial ? kernel.Columns : 0;
            arguments.Add($"{CudaStepEmitter.ArgumentName(operand)}: {value}");
        }

        Wrapped($"{kernel.Name}(", arguments, ");");
    }

    /// <summary>A call with its arguments on as many lines as they need.</summary>
    private void Wrapped(string head, IReadOnlyList<string> arguments, string tail)
    {
        const int LongestLine = 130;
        string line = head;
        for (int i = 0; i < arguments.Count; i++)
        {
            string next = arguments[i] + (i + 1 < arguments.Count ? "," : tail);
            if (i > 0 && line.Length + next.Length >= LongestLine)
            {
                writer.Line(line);
                line = "    " + next;
            }
            else
            {
                line += (i == 0 ? "" : " ") + next;
            }
        }

        writer.Line(line);
    }

    private static string PartialSums(int columns) =>
        columns == 0 ? "PartialSums" : $"PartialSums + {columns} * KernelLibrary.MostTiles * sizeof(float)";

    private void Product(ProductStep step)
    {
        Node product = step.Product;
        bool transposed = ((MatMulPayload)product.Payload!).TransposeB;
        Node a = product.Inputs[0];
        Node b = product.Inputs[1];
        ProductForm form = ProductForm.Of(step, InMemory);
        View target = Plan.Views[form.Target];
        bool unaligned = product.Shape.Columns % SplitStatistics.Alignment != 0;
        if (form.Auxiliary is not null && unaligned)
        {
            form = new ProductForm(ProductFormKind.Kernel, step.Results[0]);
            target = Plan.Views[form.Target];
        }

        if (form.Residual is { } residual && Plan.Views[residual].TokenStride != target.TokenStride)
        {
            form = new ProductForm(ProductFormKind.Kernel, step.Results[0]);
        }

        writer.Line($"// {Label(form.Target)} {product.Shape} = {Label(a)} · {Label(b)}{(transposed ? "ᵀ" : "")}{Done(step, form)}");
        var lines = new List<string>
        {
            $"A = {Pointer(a)}, LeadingA = {Plan.Views[a].TokenStride}",
            $"B = {Parameter(b)}, LeadingB = {b.Shape.Columns}{(transposed ? ", TransposeB = true" : "")}",
            $"C = {At(target)}, LeadingC = {target.TokenStride}{(form.Residual is null ? "" : $", Addend = {Pointer(form.Residual)}, Beta = 1")}",
        };
        string? epilogue = form.Kind switch
        {
            ProductFormKind.Bias or ProductFormKind.BiasResidual => "Bias",
            ProductFormKind.BiasGelu => "BiasGelu",
            ProductFormKind.GeluGradient => "GeluGradient",
            _ => null,
        };
        if (epilogue is not null)
        {
            lines.Add($"Epilogue = ProductEpilogue.{epilogue}"
                + (form.Bias is { } bias ? $", Bias = {Parameter(bias)}" : "")
                + (form.Auxiliary is { } saved ? $", Auxiliary = {Pointer(saved)}, LeadingAuxiliary = {Plan.Views[saved].TokenStride}" : ""));
        }

        Multiply("R", Text(product.Shape.Columns), Text(a.Shape.Columns), [.. lines]);
        if (form.Kind == ProductFormKind.Kernel)
        {
            EpilogueKernel(step, form);
        }
    }

    /// <summary>The row kernel after a product whose epilogue no product does: it finds the sums where its first result goes.</summary>
    private void EpilogueKernel(ProductStep step, ProductForm form)
    {
        RowKernel kernel = BuildRowKernel.Run(
            KernelName(PlaceOf(step.Results, step), "Epilogue"), step.Epilogue, step.Results, 1, step.Product.Shape.Columns, InMemory, step.Product);
        var views = Plan.Views.ToDictionary(pair => pair.Key, pair => pair.Value);
        views[step.Product] = Plan.Views[form.Target];
        Launch(kernel, $"{string.Join(", ", step.Results.Select(Label))} from the finished product {step.Product.Shape}.", "R", views);
    }

    private static string Done(ProductStep step, ProductForm form) => form.Kind switch
    {
        ProductFormKind.Plain => "",
        ProductFormKind.Bias => ", with its bias.",
        ProductFormKind.Residual => ", added to the residual.",
        ProductFormKind.BiasResidual => " and its bias, added to the residual.",
        ProductFormKind.BiasGelu => ", with its bias, which is kept, and GELU.",
        ProductFormKind.GeluGradient => ", times the slope of GELU.",
        _ => $", then {string.Join(", ", step.Epilogue.Select(node => node.Op))} in a row kernel, because no product's epilogue does that.",
    };

    private void WeightGradient(ProductStep step)
    {
        Node dY = step.Product.Inputs[0];
        Node x = step.Product.Inputs[1];
        writer.Line($"// Gradient of {TargetName(step.Product)} {step.Product.Shape} += {Label(dY)}ᵀ · {Label(x)}"
            + (step.BiasGradient is null ? "" : $", and of {TargetName(step.BiasGradient)} += its column sums"));
        foreach (string target in Targets(step.Product))
        {
            AddProduct(dY.Shape.Columns, x.Shape.Columns, "R", $"A = {Pointer(dY)}, LeadingA = {Plan.Views[dY].TokenStride}, TransposeA = true",
                $"B = {Pointer(x)}, LeadingB = {Plan.Views[x].TokenStride}", target);
        }

        if (step.BiasGradient is { } bias)
        {
            writer.Line($"Library.ColumnSums(R, {dY.Shape.Columns}, {Pointer(dY)}, {Plan.Views[dY].TokenStride}, PartialSums, {Targets(bias).Single()});");
        }
    }

    /// <summary>A product that is added to a gradient, in float.</summary>
    private void AddProduct(int m, int n, string k, string a, string b, string target)
    {
        writer.Open("Device.Multiply(new DeviceProduct");
        writer.Line($"M = {m}, N = {n}, K = {k},");
        writer.Line(a + ",");
        writer.Line(b + ",");
        writer.Line($"C = {target}, LeadingC = {n}, Beta = 1,");
        writer.Line("Alpha = 1, InputElement = Element, OutputElement = CudaElement.Single,");
        writer.Close(");");
    }

    private void Multiply(string m, string n, string k, params string[] lines)
    {
        writer.Open("Device.Multiply(new DeviceProduct");
        writer.Line($"M = {m}, N = {n}, K = {k},");
        foreach (string line in lines)
        {
            writer.Line(line + ",");
        }

        writer.Line("Alpha = 1, InputElement = Element, OutputElement = Element,");
        writer.Close(");");
    }

    private void Call(CallStep step, string walk)
    {
        Node node = step.Call;
        switch (node.Op)
        {
            case Op.Attention:
                writer.Line("// Causal attention: softmax(q·kᵀ·scale)·v for each head, and the log-sum-exp of each row");
                writer.Line($"Library.AttentionForward(Batch, Context, {Heads(node)},");
                writer.Line($"    {Strided(node.Inputs)}, {Strided([PartOf(step, 0)])}, {Pointer(PartOf(step, 1))});");
                break;
            case Op.AttentionGradient:
                writer.Line("// Gradients of queries, keys and values, the probabilities computed again from the log-sum-exp");
                writer.Line($"Library.AttentionBackward(Batch, Context, {Heads(node)},");
                writer.Line($"    {Strided([.. node.Inputs.Take(4)])}, {Pointer(node.Inputs[4])}, {Strided([node.Inputs[5]])}, AttentionDelta,");
                writer.Line($"    {Strided([PartOf(step, 0), PartOf(step, 1), PartOf(step, 2)])});");
                break;
            case Op.GeneralAttention:
                writer.Line($"// Causal attention{StageMethods.Restriction(node)}: softmax(scores)·v for each head, and the log-sum-exp of each row");
                writer.Line($"Library.AttentionForward(Batch, Context, {Heads(node)},");
                writer.Line($"    {Strided(node.Inputs)}, {Strided([PartOf(step, 0)])}, {(step.Results.Count == 2 ? Pointer(PartOf(step, 1)) : "0")}, {StageMethods.Mask(node)});");
                break;
            case Op.GeneralAttentionGradient:
                writer.Line($"// Gradients of {StageMethods.Parts(step)}{StageMethods.Restriction(node)}, the probabilities computed again from the log-sum-exp");
                writer.Line($"Library.AttentionBackward(Batch, Context, {Heads(node)},");
                writer.Line($"    {Strided([.. node.Inputs.Take(4)])}, {Pointer(node.Inputs[4])}, {Strided([node.Inputs[5]])}, AttentionDelta,");
                writer.Line($"    {string.Join(", ", Enumerable.Range(0, 3).Select(part => PartOrNull(step, part)))}, {StageMethods.Mask(node)}{Distance(node)});");
                break;
            case Op.Rotary:
                var rotary = (RotaryPayload)node.Payload!;
                writer.Line($"// {Label(node)}: rotated {(rotary.Inverse ? "back " : "")}by position");
                writer.Line($"Library.Rotary(R, Context, {rotary.Heads}, {rotary.HeadWidth}, Angles, {Strided([node.Inputs[0]])}, {Strided([node])}, "
                    + $"inverse: {(rotary.Inverse ? "true" : "false")});");
                break;
            case Op.GatherSum:
                writer.Line($"// {Label(node)} {node.Shape}: the composition rows of each token's bytes, summed, over √count");
                writer.Line($"Library.GatherSum(R, {node.Shape.Columns}, TokenIds, Spelling, {Parameter(node.Inputs[0])}, {Contiguous(node)});");
                break;
            case Op.ScatterAdd:
                writer.Line($"// Gradient of {TargetName(node)} {node.Shape}: each row to its {(node.Payload is null ? "token" : "id")}, in order of position");
                ForEachTarget(node, target =>
                    $"Library.Scatter(Scatter({cuda.ScatterOf(node)}), {node.Shape.Columns}, {Strided([node.Inputs[0]])}, TokenIds, 0, {target});");
                break;
            case Op.ScatterSum:
                writer.Line($"// Gradient of {TargetName(node)} {node.Shape}: each row to every byte of its token");
                ForEachTarget(node, target =>
                    $"Library.Scatter(Scatter({cuda.ScatterOf(node)}), {node.Shape.Columns}, {Strided([node.Inputs[0]])}, TokenIds, Spelling.Weights, {target});");
                break;
            case Op.PositionSum:
                writer.Line($"// Gradient of {TargetName(node)} {node.Shape}: summed over the batch");
                ForEachTarget(node, target =>
                    $"Library.PositionSums(Batch, Context, {node.Shape.Columns}, {Contiguous(node.Inputs[0])}, {target});");
                break;
            case Op.LinearCrossEntropyGradient:
                Loss(step, walk.Length > 0 ? "PermutedTargets" : "Targets");
                break;
            case Op.ByteCrossEntropyGradient:
                ByteLoss(step, walk);
                break;
            default:
                throw new CudaUnsupportedException($"a kernel for {node.Op}");
        }
    }

    /// <param name="targets">Those whose losses seed the walk.</param>
    private void Loss(CallStep step, string targets)
    {
        Node node = step.Call;
        Node x = node.Inputs[0];
        Node weight = node.Inputs[1];
        Node dx = PartOf(step, 0);
        int width = x.Shape.Columns;
        var payload = (CrossEntropyPayload)node.Payload!;
        bool trains = step.Results.Count == 2;
        string whose = payload.Ahead > 0 ? $" of the target {payload.Ahead} further ahead" : "";
        string trained = trains ? $", and of {TargetName(PartOf(step, 1))} {weight.Shape}" : "";
        writer.Line($"// Losses [R]{whose}, the gradient of the head's input{trained}, by chunks of rows: a chunk's");
        writer.Line("// logits become their own gradient, and those of a whole pass never exist.");
        string input = Contiguous(x);
        string gradient = Contiguous(dx);
        Chunks(x, input, weight, payload, targets, gradients: true);
        Multiply("count", Text(width), "Vocabulary", "A = Logits, LeadingA = LogitStride",
            $"B = {Parameter(weight)}, LeadingB = {width}", $"C = {gradient} + (nint)first * {width} * ElementBytes, LeadingC = {width}");
        if (trains)
        {
            AddProduct(weight.Shape.Rows, width, "count", "A = Logits, LeadingA = LogitStride, TransposeA = true",
                $"B = {input} + (nint)first * {width} * ElementBytes, LeadingB = {width}", Targets(PartOf(step, 1)).Single());
        }

        writer.Close();
    }

    private void ByteLoss(CallStep step, string walk)
    {
        Node node = step.Call;
        var payload = (CrossEntropyPayload)node.Payload!;
        (string whose, string places, string losses) = payload.Ahead > 0
            ? ($" of the target {payload.Ahead} further ahead", $"FuturePlaces({payload.Ahead})", "0")
            : ("", walk.Length > 0 ? "PermutedPlaces" : "TargetPlaces", "LossesOnDevice");
        Node?[] parts = [.. Enumerable.Range(0, 3).Select(part => step.Results.FirstOrDefault(result => ((PickPayload)result.Payload!).Index == part))];
        string trained = string.Concat(parts.Skip(1).OfType<Node>().Select(part => $", and of {TargetName(part)}"));
        string[] gradients = [.. parts.Skip(1).Select(part => part is null ? "0" : Targets(part).Single())];
        writer.Line($"// Losses [R]{whose}, token by token as its bytes, the gradient of the decoder's state{trained}; places by chunks");
        writer.Line($"Decoder.LossesAndGradients({places}, {Contiguous(node.Inputs[0])}, {Parameter(node.Inputs[1])}, {Parameter(node.Inputs[2])}, "
            + $"{GraphPrinter.Number(payload.SoftCap)},");
        writer.Line($"    weight: {GraphPrinter.Number(payload.Weight)}, GradientScale, LossWeightsFrom(0), {losses}, {Contiguous(PartOf(step, 0))}, "
            + $"{string.Join(", ", gradients)});");
    }

    /// <summary>Opens a loop over chunks of rows, whose body begins with the chunk's logits and losses.</summary>
    private void Chunks(Node x, string input, Node weight, CrossEntropyPayload payload, string targets, bool gradients)
    {
        int width = x.Shape.Columns;
        writer.Open("for (int first = 0; first < R; first += LogitRows)");
        writer.Line("int count = Math.Min(LogitRows, R - first);");
        Multiply("count", "Vocabulary", Text(width), $"A = {input} + (nint)first * {width} * ElementBytes, LeadingA = {width}",
            $"B = {Parameter(weight)}, LeadingB = {width}, TransposeB = true", "C = Logits, LeadingC = LogitStride");
        string cap = GraphPrinter.Number(payload.SoftCap);
        string rows = $"count, Vocabulary, {cap}, Logits, LogitStride, {targets} + (nint)first * sizeof(int)";
        writer.Line(payload.Ahead > 0
            ? $"Library.FutureCrossEntropy({rows}, first, Context, ahead: {payload.Ahead}, weight: {GraphPrinter.Number(payload.Weight)}, GradientScale, LossWeightsFrom(first));"
            : $"Library.CrossEntropy({rows}, LossesOnDevice + (nint)first * sizeof(float), GradientScale, "
                + $"{(gradients ? "LossWeightsFrom(first)" : "0")}, withGradients: {(gradients ? "true" : "false")});");
    }

    private static Node PartOf(CallStep step, int index) =>
        step.Results.FirstOrDefault(part => ((PickPayload)part.Payload!).Index == index)
        ?? throw new CudaUnsupportedException($"{step.Call.Op} without its part {index}");

    /// <summary>Address and stride of a part, or nothing where nobody needs it.</summary>
    private string PartOrNull(CallStep step, int index) =>
        step.Results.Any(part => ((PickPayload)part.Payload!).Index == index) ? Strided([PartOf(step, index)]) : "0, 0";

    private static string Heads(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        return $"{payload.Heads}, {payload.KeyValueHeads}, {GraphPrinter.Number(payload.Scale)}";
    }

    /// <summary>The window of the layer, and whether scores have slopes.</summary>
        private static string Distance(Node node) => ((AttentionPayload)node.Payload!).Reach switch
    {
        null => "",
        0 => ", distance: 0",
        _ => ", distance: distance",
    };

    private string Strided(IReadOnlyList<Node> nodes) =>
        string.Join(", ", nodes.Select(node => $"{Pointer(node)}, {Plan.Views[node].TokenStride}"));

    /// <summary>Pointer of a tensor whose rows follow each other without a gap, which the kernel relies on.</summary>
    private string Contiguous(Node node) => Plan.Views[node].IsContiguous
        ? Pointer(node)
        : throw new CudaUnsupportedException($"{Label(node)} as a part of wider rows");

    /// <summary>Buffers that the steps touch, in order of first use.</summary>
    private IEnumerable<ActivationBuffer> Buffers(IReadOnlyList<Step> steps)
    {
        var seen = new HashSet<ActivationBuffer>();
        foreach (Node node in steps.SelectMany(step => step.Members.SelectMany(Operands).Concat(step.Results).Concat(step.Members)))
        {
            if (Plan.Views.TryGetValue(node, out View view) && Touches(node) && seen.Add(view.Buffer))
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
        bool statistic = stage.Statistics.Contains(buffer);
        long saved = (statistic ? cuda.SavedStatisticsOffset(stage) : cuda.SavedOffset(stage)) + buffer.Offset;
        string kind = statistic ? "Statistics" : "Elements";
        int stride = statistic ? stage.SavedStatistics : stage.SavedElements;
        return buffer.Region switch
        {
            Region.Residual => $"Residual({layer})",
            Region.NextResidual => $"Residual({next})",
            Region.ResidualGradient => $"{buffer.Walk}ResidualGradient({layer}{distance})",
            Region.NextResidualGradient => $"{buffer.Walk}ResidualGradient({next}{distance})",
            Region.InitialResidual => "Residual(0)",
            Region.InitialGradient => $"{buffer.Walk}InitialGradient",
            Region.TokenPlace => $"TokenPlace({buffer.Offset})",
            Region.TokenShare => $"TokenShare({buffer.Offset})",
            Region.Captured => $"Elements({cuda.CapturedOffset(stage) + buffer.Offset})",
            Region.SavedByDistance => $"Elements({saved} + layer * {stride}L) + distance * {HeadChannels} * ElementBytes",
            Region.Saved when Repeats && !ComputesAgain => $"{kind}({saved} + layer * {stride}L)",
            Region.Saved => $"{kind}({saved})",
            Region.Temporary => $"{kind}({(statistic ? cuda.TemporaryStatisticsOffset : cuda.TemporaryOffset) + buffer.Offset})",
            _ => throw new CudaUnsupportedException($"memory of the kind {buffer.Region}"),
        };
    }

    private int HeadChannels => cuda.Model.Spec.Architecture.Heads * cuda.Model.Spec.Architecture.HeadWidth;

    private string Pointer(Node node) => At(Plan.Views[node]);

    private static string At(View view) => Names.Camel(view.Buffer.Name) + (view.First == 0 ? "" : $" + {view.First} * ElementBytes");

    private string Parameter(Node node) => Address("Parameter", node);

    private string Master(Node node) => Address("Master", node);

    /// <summary>Where a parameter is read; of one that not every layer has, by the method that finds its copy.</summary>
    private string Address(string arena, Node node)
    {
        ParameterPlace place = LayoutOf(node);
        return place.Parameter.SkipsLayers ? $"{StageMethods.ParameterOfSomeLayers(place)}(layer)" : $"{arena}({Offset(place)})";
    }

    private ParameterPlace LayoutOf(Node node) => cuda.Model.Layout[((ParameterPayload)node.Payload!).Parameter];

    private static string Offset(ParameterPlace place)
    {
        string copy = place.Parameter.SkipsLayers ? $"{StepEmitter.ValueTables}[layer]" : "layer";
        return place.Parameter.SharesUntil > 0 ? "HeadOffset"
            : place.Offset.ToString(CultureInfo.InvariantCulture) + (place.LayerStride > 0 ? $" + {copy} * {place.LayerStride}L" : "");
    }

    /// <summary>Gradient addresses that a value is added to.</summary>
    private IEnumerable<string> Targets(Node node) => SinksOf(node).Select(sink => $"Gradient({Offset(LayoutOf(sink))})");

    /// <summary>Prints a call once for each parameter that has this gradient: equal gradients are one node.</summary>
    private void ForEachTarget(Node node, Func<string, string> call)
    {
        foreach (ParameterPlace place in SinksOf(node).Select(LayoutOf))
        {
            if (place.Parameter.SkipsLayers)
            {
                writer.Open($"if ({StepEmitter.ValueTables}[layer] >= 0)");
            }

            writer.Line(call($"Gradient({Offset(place)})"));
            if (place.Parameter.SkipsLayers)
            {
                writer.Close();
                writer.Gap();
            }
        }
    }

    private string TargetName(Node node) => ((ParameterPayload)SinksOf(node).First().Payload!).Parameter;

    private IEnumerable<Node> SinksOf(Node node) => Plan.Schedule.Sinks.Where(sink => sink.Inputs[0] == node);

    private string KernelName(string place, string suffix)
    {
        string name = Repeats || place.StartsWith(Stage.Name, StringComparison.Ordinal) ? Names.Pascal(place) : Names.Pascal(Stage.Name + "." + place);
        string unique = name + suffix;
        for (int i = 2; kernels.Any(used => used.Kernel.Name == unique); i++)
        {
            unique = name + Text(i) + suffix;
        }

        return unique;
    }

    private static string PlaceOf(IEnumerable<Node> nodes, Step step) =>
        nodes.Where(node => node.Name.Length > 0).OrderByDescending(node => node.Shape.Columns).ThenByDescending(node => node.Id)
            .Select(node => node.Name).FirstOrDefault() ?? (step.Members.FirstOrDefault(node => node.Op == Op.ColumnSum) is { } sum
                ? sum.Inputs[0].Name + ".ColumnSums" : "Row");

    private string What(RowKernelStep step) => string.Join(
        ", ", step.Results.Select(Label).Concat(step.ColumnSums.Select(sum => $"the gradient of {TargetName(sum)}")));

    private string Label(Node node) => node.Op == Op.Parameter ? ((ParameterPayload)node.Payload!).Parameter
        : node.Name.Length > 0 ? node.Name
        : Plan.Views.TryGetValue(node, out View view) ? view.Buffer.Name : node.Op.ToString();

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
