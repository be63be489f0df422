using System.Globalization;
using System.Numerics;

namespace Embeddings.Cuda.Bindings;

/// <summary>All of a product that decides how it is best done: the key of the choice, in memory and on disk.</summary>
internal readonly record struct LtShape(
    int M, int N, int K, bool TransposeA, bool TransposeB, CudaElement Input, CudaElement Output,
    int LeadingA, int LeadingB, int LeadingC, int LeadingAuxiliary, ProductEpilogue Epilogue, bool ReadsC, int Alignments)
{
    /// <summary>Addresses count as aligned to no more than this.</summary>
    private const int MostAlignment = 16;

    /// <summary>Bits for the alignment of one address.</summary>
    private const int AlignmentBits = 4;

    /// <summary>The shape of a product.</summary>
    public static LtShape Of(in DeviceProduct product) => new(
        product.M, product.N, product.K, product.TransposeA, product.TransposeB, product.InputElement, product.OutputElement,
        product.LeadingA, product.LeadingB, product.LeadingC, product.LeadingAuxiliary, product.Epilogue, product.Beta != 0,
        Logarithm(product.A) | Logarithm(product.B) << AlignmentBits | Logarithm(product.C) << 2 * AlignmentBits
        | Logarithm(product.Addend == 0 ? product.C : product.Addend) << 3 * AlignmentBits);

    /// <summary>Bytes that the address of A (0), B (1), C (2) or the addend (3) is aligned to, at most 16.</summary>
    public uint Alignment(int operand) => 1u << (Alignments >> operand * AlignmentBits & (1 << AlignmentBits) - 1);

    /// <summary>The shape as a line, such as <c>4096x768x3072 NT bf16-fp32 …</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{M}x{N}x{K} {(TransposeA ? 'T' : 'N')}{(TransposeB ? 'T' : 'N')} {Input}-{Output} ld {LeadingA} {LeadingB} {LeadingC} {LeadingAuxiliary} "
        + $"{Epilogue}{(ReadsC ? " adds" : "")} aligned {Alignment(0)} {Alignment(1)} {Alignment(2)}{OfAddend}");

    /// <summary>The alignment of an addend that has another one than C.</summary>
    private string OfAddend => Alignment(3) == Alignment(2) ? "" : string.Create(CultureInfo.InvariantCulture, $" {Alignment(3)}");

    private static int Logarithm(nint address) => BitOperations.TrailingZeroCount((int)address | MostAlignment);
}
