using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// What parsing makes of one class. The locations move with every edit above them; the spec does not, and only the spec leads to source.
/// </summary>
/// <param name="FullName">Name of the class with its namespace.</param>
/// <param name="Location">Its identifier.</param>
/// <param name="Spec">The model, or null when the declaration has an error.</param>
/// <param name="Diagnostics">Errors and warnings.</param>
internal sealed record ParsedDeclaration(
    string FullName, Location Location, ModelSpec? Spec, EquatableArray<DiagnosticInfo> Diagnostics);
