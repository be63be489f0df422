using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;
using static Embeddings.Generator.Cuda.CudaAddresses;

namespace Embeddings.Generator.Cuda;

/// <summary>A row kernel that the CUDA step launches, to be printed after it.</summary>
/// <param name="Kernel">What it computes.</param>
/// <param name="Stage">The stage that launches it.</param>
/// <param name="Summary">What it computes, in words.</param>
/// <param name="Views">Where its operands lie.</param>
internal sealed record UsedCudaKernel(RowKernel Kernel, DevicePlan Stage, string Summary, IReadOnlyDictionary<Node, View> Views)
{
    /// <summary>Columns of all its partial sums.</summary>
    public int PartialColumns => Kernel.Operands.Count(operand => operand.Access == Access.Partial) * Kernel.Columns;
}

/// <summary>Prints the launches of a stage's row kernels, and notes the kernels that they need.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="at">Where the stage's tensors lie.</param>
/// <param name="kernels">Receives the row kernels used.</param>
internal sealed class CudaRowKernels(SourceWriter writer, CudaAddresses at, List<UsedCudaKernel> kernels)
{
    /// <summary>Prints a launch, and the sums over rows that end what the kernel began in partial sums.</summary>
    public void Print(RowKernelStep step)
    {
        RowKernel kernel = BuildRowKernel.Run(
            KernelName(PlaceOf(step.Results.Concat(step.Group), step), "Kernel"), step.Group, step.Results, step.RowsPerToken, step.Columns, at.InMemory);
        string summary = $"{What(step)}, over rows of {step.Columns}.";
        string rows = step.RowsPerToken == 1 ? "R" : $"R * {step.RowsPerToken}";
        writer.Line($"// {summary} Fused: {string.Join(", ", step.Group.Select(node => node.Op))}.");
        writer.Line($"// The group ends because {step.Ended}.");
        Launch(kernel, summary, rows, at.Views);
        int first = 0;
        foreach (Node sum in step.ColumnSums)
        {
            string add = sum.Shape.Columns > 1 && at.SinksOf(sum).Any(sink => sink.Shape.Columns == 1) ? "AddPartialTotal" : "AddPartialSums";
            string partials = PartialSums(first);
            at.ForEachTarget(writer, sum, target => $"Library.{add}(KernelLibrary.Tiles({rows}), {sum.Shape.Columns}, {partials}, {target});");
            first += sum.Shape.Columns;
        }
    }

    /// <summary>Prints the row kernel after a product whose epilogue no product does: it finds the sums where its first result goes.</summary>
    public void PrintEpilogue(ProductStep step, ProductForm form)
    {
        RowKernel kernel = BuildRowKernel.Run(
            KernelName(PlaceOf(step.Results, step), "Epilogue"), step.Epilogue, step.Results, 1, step.Product.Shape.Columns, at.InMemory, step.Product);
        var views = at.Views.ToDictionary(pair => pair.Key, pair => pair.Value);
        views[step.Product] = at.Views[form.Target];
        Launch(kernel, $"{string.Join(", ", step.Results.Select(at.Label))} from the finished product {step.Product.Shape}.", "R", views);
    }

    private void Launch(RowKernel kernel, string summary, string rows, IReadOnlyDictionary<Node, View> views)
    {
        kernels.Add(new UsedCudaKernel(kernel, at.DeviceStage, summary, views));
        int partials = 0;
        var arguments = new List<string> { $"rowCount: {rows}" };
        foreach (Operand operand in kernel.Operands)
        {
            string value = operand.Access switch
            {
                Access.Partial => PartialSums(partials),
                Access.Product => At(views[operand.Node]),
                Access.Vector or Access.Scalar => at.Master(operand.Node),
                _ => operand.Node.Op == Op.Parameter ? at.Parameter(operand.Node) : at.Pointer(operand.Node),
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

    private string KernelName(string place, string suffix)
    {
        bool isTold = at.Repeats || place.StartsWith(at.Stage.Name, StringComparison.Ordinal);
        string name = Names.Pascal(isTold ? place : at.Stage.Name + "." + place);
        string unique = name + suffix;
        for (int i = 2; kernels.Any(used => used.Kernel.Name == unique); i++)
        {
            unique = name + i.ToString(CultureInfo.InvariantCulture) + suffix;
        }

        return unique;
    }

    private static string PlaceOf(IEnumerable<Node> nodes, Step step) =>
        nodes.Where(node => node.Name.Length > 0).OrderByDescending(node => node.Shape.Columns).ThenByDescending(node => node.Id)
            .Select(node => node.Name).FirstOrDefault() ?? (step.Members.FirstOrDefault(node => node.Op == Op.ColumnSum) is { } sum
                ? sum.Inputs[0].Name + ".ColumnSums" : "Row");

    private string What(RowKernelStep step) => string.Join(
        ", ", step.Results.Select(at.Label).Concat(step.ColumnSums.Select(sum => $"the gradient of {at.TargetName(sum)}")));
}
