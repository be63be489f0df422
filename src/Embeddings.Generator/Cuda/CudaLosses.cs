using System;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;
using static Embeddings.Generator.Cuda.CudaAddresses;

namespace Embeddings.Generator.Cuda;

/// <summary>Prints the losses of a head of logits or of bytes, alone and with their gradients, and one row of logits.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="at">Where the head's tensors lie.</param>
/// <param name="products">Of the logits, and of their gradients.</param>
internal sealed class CudaLosses(SourceWriter writer, CudaAddresses at, CudaProducts products)
{
    /// <summary>Prints the methods that end at the losses and at one row of logits.</summary>
    public void PrintResults()
    {
        Node x = at.Stage.Output.Inputs[0];
        string input = at.Base(at.Views[x].Buffer);
        var payload = (CrossEntropyPayload)at.Stage.Output.Payload!;
        string cap = GraphPrinter.Number(payload.SoftCap);
        if (at.Stage.Output.Op == Op.ByteCrossEntropy)
        {
            ByteResults(x, input, cap);
            return;
        }

        writer.Gap();
        writer.Line("/// <summary>Losses [R] of the last forward.</summary>");
        writer.Open("private void HeadLosses()");
        writer.Line($"nint x = {input}; // [R, {x.Shape.Columns}]");
        Chunks(x, "x", at.Stage.Output.Inputs[1], payload, "Targets", gradients: false);
        writer.Close();
        writer.Close();
        writer.Gap();
        writer.Line("/// <summary>Logits [V] of one row of the last forward, as float.</summary>");
        writer.Open("private void HeadLogits(int row)");
        writer.Line($"nint x = {input} + (nint)row * {x.Shape.Columns} * ElementBytes;");
        products.Multiply("1", "Vocabulary", $"{x.Shape.Columns}", $"A = x, LeadingA = {x.Shape.Columns}",
            $"B = {at.Parameter(at.Stage.Output.Inputs[1])}, LeadingB = {x.Shape.Columns}, TransposeB = true", "C = Logits, LeadingC = LogitStride");
        writer.Line($"Library.CappedLogits(Vocabulary, {cap}, Logits, RowOfLogits);");
        writer.Close();
    }

    /// <summary><see cref="PrintResults"/> of a head of bytes.</summary>
    private void ByteResults(Node x, string input, string cap)
    {
        string parameters = $"{at.Parameter(at.Stage.Output.Inputs[1])}, {at.Parameter(at.Stage.Output.Inputs[2])}, {cap}";
        writer.Gap();
        writer.Line("/// <summary>Losses [R] of the last forward, token by token as its bytes.</summary>");
        writer.Line("private void HeadLosses() =>");
        writer.Line($"    Decoder.Losses(TargetPlaces, {input}, {parameters}, LossesOnDevice);");
        writer.Gap();
        writer.Line("/// <summary>Logits [V] of one row of the last forward, as float: the log-probability of each token's bytes.</summary>");
        writer.Line("private void HeadLogits(int row) =>");
        writer.Line($"    Decoder.LogProbabilities({input} + (nint)row * {x.Shape.Columns} * ElementBytes, {parameters}, RowOfLogits);");
    }

    /// <summary>Prints the losses of a pass over rows of logits with the gradients that they send.</summary>
    /// <param name="step">The loss.</param>
    /// <param name="targets">Those whose losses seed the walk.</param>
    public void PrintGradients(CallStep step, string targets)
    {
        Node node = step.Call;
        Node x = node.Inputs[0];
        Node weight = node.Inputs[1];
        Node dx = PartOf(step, 0);
        int width = x.Shape.Columns;
        var payload = (CrossEntropyPayload)node.Payload!;
        bool trains = step.Results.Count == 2;
        string whose = payload.Ahead > 0 ? $" of the target {payload.Ahead} further ahead" : "";
        string trained = trains ? $", and of {at.TargetName(PartOf(step, 1))} {weight.Shape}" : "";
        writer.Line($"// Losses [R]{whose}, the gradient of the head's input{trained}, by chunks of rows: a chunk's");
        writer.Line("// logits become their own gradient, and those of a whole pass never exist.");
        string input = at.Contiguous(x);
        string gradient = at.Contiguous(dx);
        Chunks(x, input, weight, payload, targets, gradients: true);
        products.Multiply("count", $"{width}", "Vocabulary", "A = Logits, LeadingA = LogitStride",
            $"B = {at.Parameter(weight)}, LeadingB = {width}", $"C = {gradient} + (nint)first * {width} * ElementBytes, LeadingC = {width}");
        if (trains)
        {
            products.AddProduct(weight.Shape.Rows, width, "count", "A = Logits, LeadingA = LogitStride, TransposeA = true",
                $"B = {input} + (nint)first * {width} * ElementBytes, LeadingB = {width}", at.Targets(PartOf(step, 1)).Single());
        }

        writer.Close();
    }

    /// <summary>As <see cref="PrintGradients"/>, of targets that are said as their bytes.</summary>
    /// <param name="step">The loss.</param>
    /// <param name="walk">The walk that it seeds; empty for the main one.</param>
    public void PrintByteGradients(CallStep step, string walk)
    {
        Node node = step.Call;
        var payload = (CrossEntropyPayload)node.Payload!;
        (string whose, string places, string losses) = payload.Ahead > 0
            ? ($" of the target {payload.Ahead} further ahead", $"FuturePlaces({payload.Ahead})", "0")
            : ("", walk.Length > 0 ? "PermutedPlaces" : "TargetPlaces", "LossesOnDevice");
        Node?[] parts = [.. Enumerable.Range(0, 3).Select(part => step.Results.FirstOrDefault(result => ((PickPayload)result.Payload!).Index == part))];
        string trained = string.Concat(parts.Skip(1).OfType<Node>().Select(part => $", and of {at.TargetName(part)}"));
        string[] gradients = [.. parts.Skip(1).Select(part => part is null ? "0" : at.Targets(part).Single())];
        writer.Line($"// Losses [R]{whose}, token by token as its bytes, the gradient of the decoder's state{trained}; places by chunks");
        writer.Line($"Decoder.LossesAndGradients({places}, {at.Contiguous(node.Inputs[0])}, "
            + $"{at.Parameter(node.Inputs[1])}, {at.Parameter(node.Inputs[2])}, {GraphPrinter.Number(payload.SoftCap)},");
        writer.Line($"    weight: {GraphPrinter.Number(payload.Weight)}, GradientScale, LossWeightsFrom(0), {losses}, {at.Contiguous(PartOf(step, 0))}, "
            + $"{string.Join(", ", gradients)});");
    }

    /// <summary>Opens a loop over chunks of rows, whose body begins with the chunk's logits and losses.</summary>
    private void Chunks(Node x, string input, Node weight, CrossEntropyPayload payload, string targets, bool gradients)
    {
        int width = x.Shape.Columns;
        writer.Open("for (int first = 0; first < R; first += LogitRows)");
        writer.Line("int count = Math.Min(LogitRows, R - first);");
        products.Multiply("count", "Vocabulary", $"{width}", $"A = {input} + (nint)first * {width} * ElementBytes, LeadingA = {width}",
            $"B = {at.Parameter(weight)}, LeadingB = {width}, TransposeB = true", "C = Logits, LeadingC = LogitStride");
        string cap = GraphPrinter.Number(payload.SoftCap);
        string rows = $"count, Vocabulary, {cap}, Logits, LogitStride, {targets} + (nint)first * sizeof(int)";
        writer.Line(payload.Ahead > 0
            ? $"Library.FutureCrossEntropy({rows}, first, Context, ahead: {payload.Ahead}, weight: {GraphPrinter.Number(payload.Weight)}, "
                + "GradientScale, LossWeightsFrom(first));"
            : $"Library.CrossEntropy({rows}, LossesOnDevice + (nint)first * sizeof(float), GradientScale, "
                + $"{(gradients ? "LossWeightsFrom(first)" : "0")}, withGradients: {(gradients ? "true" : "false")});");
    }
}
