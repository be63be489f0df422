using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Emit;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Kernels;
using Embeddings.Generator.Passes;
using static Embeddings.Generator.Cuda.CudaAddresses;

namespace Embeddings.Generator.Cuda;

/// <summary>Prints a stage's products with what of their epilogue the library does along with them, and the gradients of weights.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="at">Where the stage's tensors lie.</param>
/// <param name="rowKernels">Do the epilogues that no product does.</param>
internal sealed class CudaProducts(SourceWriter writer, CudaAddresses at, CudaRowKernels rowKernels)
{
    /// <summary>Prints a product of activations and a weight with its epilogue.</summary>
    public void Print(ProductStep step)
    {
        Node product = step.Product;
        bool transposed = ((MatMulPayload)product.Payload!).TransposeB;
        Node a = product.Inputs[0];
        Node b = product.Inputs[1];
        ProductForm form = ProductForm.Of(step, at.InMemory);
        View target = at.Views[form.Target];
        bool unaligned = product.Shape.Columns % SplitStatistics.Alignment != 0;
        if (form.Auxiliary is not null && unaligned)
        {
            form = new ProductForm(ProductFormKind.Kernel, step.Results[0]);
            target = at.Views[form.Target];
        }

        if (form.Residual is { } residual && at.Views[residual].TokenStride != target.TokenStride)
        {
            form = new ProductForm(ProductFormKind.Kernel, step.Results[0]);
        }

        writer.Line($"// {at.Label(form.Target)} {product.Shape} = {at.Label(a)} · {at.Label(b)}{(transposed ? "ᵀ" : "")}{Done(step, form)}");
        var lines = new List<string>
        {
            $"A = {at.Pointer(a)}, LeadingA = {at.Views[a].TokenStride}",
            $"B = {at.Parameter(b)}, LeadingB = {b.Shape.Columns}{(transposed ? ", TransposeB = true" : "")}",
            $"C = {At(target)}, LeadingC = {target.TokenStride}{(form.Residual is null ? "" : $", Addend = {at.Pointer(form.Residual)}, Beta = 1")}",
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
                + (form.Bias is { } bias ? $", Bias = {at.Parameter(bias)}" : "")
                + (form.Auxiliary is { } saved ? $", Auxiliary = {at.Pointer(saved)}, LeadingAuxiliary = {at.Views[saved].TokenStride}" : ""));
        }

        Multiply("R", $"{product.Shape.Columns}", $"{a.Shape.Columns}", [.. lines]);
        if (form.Kind == ProductFormKind.Kernel)
        {
            rowKernels.PrintEpilogue(step, form);
        }
    }

    /// <summary>Prints what is added to the gradients of a weight and of the bias beside it.</summary>
    public void PrintWeightGradient(ProductStep step)
    {
        Node dY = step.Product.Inputs[0];
        Node x = step.Product.Inputs[1];
        writer.Line($"// Gradient of {at.TargetName(step.Product)} {step.Product.Shape} += {at.Label(dY)}ᵀ · {at.Label(x)}"
            + (step.BiasGradient is null ? "" : $", and of {at.TargetName(step.BiasGradient)} += its column sums"));
        foreach (string target in at.Targets(step.Product))
        {
            AddProduct(dY.Shape.Columns, x.Shape.Columns, "R", $"A = {at.Pointer(dY)}, LeadingA = {at.Views[dY].TokenStride}, TransposeA = true",
                $"B = {at.Pointer(x)}, LeadingB = {at.Views[x].TokenStride}", target);
        }

        if (step.BiasGradient is { } bias)
        {
            writer.Line($"Library.ColumnSums(R, {dY.Shape.Columns}, {at.Strided([dY])}, PartialSums, {at.Targets(bias).Single()});");
        }
    }

    /// <summary>A product that is added to a gradient, in float.</summary>
    public void AddProduct(int m, int n, string k, string a, string b, string target)
    {
        writer.Open("Device.Multiply(new DeviceProduct");
        writer.Line($"M = {m}, N = {n}, K = {k},");
        writer.Line(a + ",");
        writer.Line(b + ",");
        writer.Line($"C = {target}, LeadingC = {n}, Beta = 1,");
        writer.Line("Alpha = 1, InputElement = Element, OutputElement = CudaElement.Single,");
        writer.Close(");");
    }

    /// <summary>A product [M, N] over K whose result is of elements.</summary>
    /// <param name="lines">The operands and the epilogue, as assignments.</param>
    public void Multiply(string m, string n, string k, params string[] lines)
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
}
