using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <summary>
/// A diagnostic as a value. It keeps the real location, because the compiler honours <c>#pragma warning disable</c> only for a location
/// inside a tree of the compilation; therefore it travels in a branch of the pipeline that no source output depends on.
/// </summary>
internal sealed record DiagnosticInfo(DiagnosticDescriptor Descriptor, Location Location, EquatableArray<string> Arguments)
{
    /// <summary>A failure of the generator itself. Messages of diagnostics are one line.</summary>
    public static DiagnosticInfo OfFailure(Location location, string fullName, string? pass, string? failure) =>
        new(Descriptors.CompilerFailed, location, EquatableArray.Of(fullName, pass ?? "?", OneLine(failure ?? "?")));

    public Diagnostic ToDiagnostic()
    {
        var arguments = new object[Arguments.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Arguments[i];
        }

        return Diagnostic.Create(Descriptor, Location, arguments);
    }

    private static string OneLine(string text) =>
        string.Join(" ", text.Split(['\r', '\n'], System.StringSplitOptions.RemoveEmptyEntries));
}
