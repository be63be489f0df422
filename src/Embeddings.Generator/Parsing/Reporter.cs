using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// Collects the diagnostics of one class. Each is put under the argument that causes it. What a class inherits unchanged is its base's to
/// report: the class then gets no code, and no second message.
/// </summary>
/// <param name="own">The class.</param>
/// <param name="classLocation">Its identifier.</param>
/// <param name="declarationLocation">Its <c>[VariantOf]</c> or <c>[Transformer]</c> attribute.</param>
internal sealed class Reporter(INamedTypeSymbol own, Location classLocation, Location declarationLocation)
{
    private readonly List<DiagnosticInfo> _diagnostics = [];

    public Location ClassLocation { get; } = classLocation;

    public Location DeclarationLocation { get; } = declarationLocation;

    /// <summary>Whether the class is in error, by its own fault or by its base's.</summary>
    public bool HasErrors { get; private set; }

    public EquatableArray<DiagnosticInfo> Diagnostics => new(_diagnostics);

    public void Report(DiagnosticDescriptor descriptor, Location location, params object[] arguments)
    {
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        var text = new EquatableArray<string>(arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)));
        var diagnostic = new DiagnosticInfo(descriptor, location, text);
        if (!_diagnostics.Contains(diagnostic))
        {
            _diagnostics.Add(diagnostic);
        }
    }

    /// <summary>Reports a value that is wrong by itself.</summary>
    public void Report(DiagnosticDescriptor descriptor, Setting setting, params object[] arguments) =>
        Report(descriptor, [setting], arguments);

    /// <summary>Reports a combination, under the first of its settings that the class itself says.</summary>
    /// <param name="descriptor">What is wrong.</param>
    /// <param name="involved">Every setting that takes part; the likeliest to be changed first.</param>
    /// <param name="arguments">The message's values; numbers are written in the invariant culture.</param>
    public void Report(DiagnosticDescriptor descriptor, Setting[] involved, params object[] arguments)
    {
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        Setting? said = involved.FirstOrDefault(setting => IsOwn(setting.Origin));
        if (said is not null)
        {
            Report(descriptor, said.Origin!.ArgumentLocation(said.Name) ?? DeclarationLocation, arguments);
        }
        else if (!involved.Any(setting => setting.Origin?.Location is not null))
        {
            // Said by a referenced assembly, which nobody compiles here.
            Report(descriptor, DeclarationLocation, arguments);
        }
    }

    /// <summary>Whether the class itself has the attribute.</summary>
    public bool IsOwn(Application? application) =>
        application is not null && SymbolEqualityComparer.Default.Equals(application.Owner.Type, own);
}
