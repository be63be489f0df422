using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>What the text of a module says about one of its kernels.</summary>
/// <param name="Name">The function.</param>
/// <param name="Threads">The largest block it may run with; null where the text gives it as an expression.</param>
/// <param name="Parameters">Its parameters, in order.</param>
/// <param name="ParameterText">The parameters as they are written.</param>
internal sealed record KernelSignature(string Name, int? Threads, ImmutableArray<KernelParameter> Parameters, string ParameterText)
{
    /// <summary>
    /// The kernels of a text, each written <c>KERNEL(threads) name(parameters)</c> at the start of a line; one that stands in both branches of
    /// a condition has one signature.
    /// </summary>
    public static ImmutableArray<KernelSignature> Of(string source)
    {
        string text = Regex.Replace(source, @"//[^\n]*|/\*.*?\*/", "", RegexOptions.Singleline);
        return
        [
            .. (from Match match in Regex.Matches(text, @"^KERNEL\(([^()]*)\)\s*(\w+)\s*\(([^{;]*)\)\s*\{", RegexOptions.Multiline)
               select new KernelSignature(
                   match.Groups[2].Value,
                   int.TryParse(match.Groups[1].Value, out int threads) ? threads : null,
                   [.. match.Groups[3].Value.Split(',').Where(part => part.Trim().Length > 0).Select(KernelParameter.Of)],
                   match.Groups[3].Value))
                .DistinctBy(kernel => kernel.Name),
        ];
    }
}

/// <summary>One parameter of a kernel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPointer">Whether it is an address.</param>
/// <param name="IsWritten">Whether it is an address that is not of constants.</param>
/// <param name="IsRestricted">Whether it promises to be the only way to its memory.</param>
internal sealed record KernelParameter(string Name, bool IsPointer, bool IsWritten, bool IsRestricted)
{
    /// <summary>Reads a declaration such as <c>const float* RESTRICT x</c>.</summary>
    public static KernelParameter Of(string text)
    {
        string declaration = text.Trim();
        bool pointer = declaration.Contains('*');
        return new KernelParameter(
            Regex.Match(declaration, @"\w+$").Value, pointer, pointer && !Regex.IsMatch(declaration, @"^const\b"), declaration.Contains("RESTRICT"));
    }
}
