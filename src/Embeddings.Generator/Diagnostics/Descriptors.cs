using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Diagnostics;

/// <summary>
/// Every diagnostic of the generator, one per invalid combination. Each message says what is wrong with the values and what to change.
/// EMB00xx: the class and its set of attributes; EMB01xx: architecture and tokenizer; EMB02xx: training; EMB03xx: gradient routes; EMB09xx: the compiler.
/// </summary>
internal static partial class Descriptors
{
    private const string Category = "Embeddings";

    /// <summary>An error means that nothing is generated for the class, so no configuration may hide it.</summary>
    private const string Always = WellKnownDiagnosticTags.NotConfigurable;

    public static readonly DiagnosticDescriptor CompilerFailed = new(
        "EMB0900",
        "The model could not be compiled",
        "'{0}' could not be compiled: pass {1} failed with \"{2}\"; this is a defect of the generator, please report it with the declaration",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, customTags: Always);
}
