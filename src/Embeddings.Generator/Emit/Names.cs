using System.Linq;

namespace Embeddings.Generator.Emit;

/// <summary>Names in generated code, from places in the model.</summary>
internal static class Names
{
    /// <summary><c>Attention.Norm</c> → <c>AttentionNorm</c>.</summary>
    public static string Pascal(string place) =>
        string.Concat(place.Split('.').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part.Substring(1)));

    /// <summary><c>Attention.Norm</c> → <c>attentionNorm</c>; a keyword gets a suffix.</summary>
    public static string Camel(string place)
    {
        string pascal = Pascal(place);
        string camel = char.ToLowerInvariant(pascal[0]) + pascal.Substring(1);
        return camel is "in" or "out" or "ref" or "base" or "this" ? camel + "Value" : camel;
    }
}
