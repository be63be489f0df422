using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// Which classes can carry a declaration: partial classes in a namespace (or in none), neither generic nor static nor abstract, in a
/// project that allows unsafe code. The generator adds a member to the class and prints the step as another class beside it.
/// </summary>
internal static class ClassRules
{
    private const string GeneratedMember = "Variant";
    private const LanguageVersion LowestLanguageVersion = LanguageVersion.CSharp12;

    public static void Check(INamedTypeSymbol type, TypeDeclarationSyntax syntax, CSharpCompilation compilation, Reporter reporter)
    {
        CheckKind(type, syntax, reporter);
        CheckSurroundings(type, reporter);
        CheckProject(type, syntax, compilation, reporter);
        if (Existing(type, compilation) is { } existing)
        {
            reporter.Report(Descriptors.ClassNamedAsAnother, reporter.ClassLocation, type.ToDisplayString(), existing.ContainingAssembly.Name);
        }
    }

    public static TypeSpec ToSpec(INamedTypeSymbol type)
    {
        string space = type.ContainingNamespace.IsGlobalNamespace
            ? string.Empty
            : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);
        string accessibility = SyntaxFacts.GetText(type.DeclaredAccessibility);
        return new TypeSpec(space, type.Name, type.IsSealed ? accessibility + " sealed" : accessibility);
    }

    /// <summary>A class of the same full name in a referenced assembly, which generated code would confuse with this one.</summary>
    private static INamedTypeSymbol? Existing(INamedTypeSymbol type, CSharpCompilation compilation) =>
        type.ContainingType is not null ? null : compilation
            .GetTypesByMetadataName(string.Join(".", Parts(type.ContainingNamespace).Append(type.MetadataName)))
            .FirstOrDefault(other => !SymbolEqualityComparer.Default.Equals(other.ContainingAssembly, type.ContainingAssembly)
                && other.DeclaredAccessibility == Accessibility.Public);

    private static void CheckKind(INamedTypeSymbol type, TypeDeclarationSyntax syntax, Reporter reporter)
    {
        void Refuse(bool condition, DiagnosticDescriptor descriptor, params object[] arguments)
        {
            if (condition)
            {
                reporter.Report(descriptor, reporter.ClassLocation, [type.Name, .. arguments]);
            }
        }

        Refuse(!syntax.Modifiers.Any(SyntaxKind.PartialKeyword), Descriptors.ClassNotPartial);
        Refuse(type.ContainingType is not null, Descriptors.ClassNested, type.ContainingType?.Name ?? string.Empty);
        Refuse(type.IsGenericType && type.TypeParameters.Length > 0, Descriptors.ClassGeneric);
        Refuse(type.IsStatic, Descriptors.ClassStatic);
        Refuse(type.IsAbstract && !type.IsStatic, Descriptors.ClassAbstract);
        Refuse(type.IsRecord, Descriptors.ClassRecord);
        Refuse(type.IsFileLocal, Descriptors.ClassFileLocal);
        Refuse(SyntaxFacts.IsReservedKeyword(SyntaxFacts.GetKeywordKind(type.Name)), Descriptors.ClassNamedByKeyword);
        Refuse(type.Name == GeneratedMember, Descriptors.ClassNamedAsGenerated, "the property that the generator adds to it");
        Refuse(type.Name == nameof(DeclaredVariants), Descriptors.ClassNamedAsGenerated, "the list of models that the generator prints");
    }

    private static void CheckSurroundings(INamedTypeSymbol type, Reporter reporter)
    {
        for (INamedTypeSymbol? ancestor = type.BaseType; ancestor is { SpecialType: SpecialType.None }; ancestor = ancestor.BaseType)
        {
            if (new Declaration(ancestor).IsModel)
            {
                reporter.Report(Descriptors.ClassInheritsFromModel, reporter.ClassLocation, type.Name, ancestor.Name);
                break;
            }
        }

        if (type.GetMembers(GeneratedMember).FirstOrDefault() is { } member)
        {
            reporter.Report(Descriptors.MemberNamedVariant, member.Locations[0], type.Name);
        }
        else if (type.BaseType is { } baseType && Inherits(baseType, GeneratedMember))
        {
            reporter.Report(Descriptors.MemberNamedVariant, reporter.ClassLocation, type.Name);
        }

        INamedTypeSymbol? twin = type.ContainingType is null ? Twin(type) : null;
        if (twin is not null)
        {
            bool sameNamespace = SymbolEqualityComparer.Default.Equals(twin.ContainingNamespace, type.ContainingNamespace);
            reporter.Report(
                Descriptors.NamesDifferInCaseOnly, reporter.ClassLocation,
                sameNamespace ? type.Name : type.ToDisplayString(), sameNamespace ? twin.Name : twin.ToDisplayString());
        }
    }

    private static bool Inherits(INamedTypeSymbol type, string member)
    {
        for (INamedTypeSymbol? ancestor = type; ancestor is not null; ancestor = ancestor.BaseType)
        {
            if (ancestor.GetMembers(member).Any(each => each.DeclaredAccessibility != Accessibility.Private))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A model of this project whose full name is the same but for the case of its letters.</summary>
    private static INamedTypeSymbol? Twin(INamedTypeSymbol type)
    {
        IEnumerable<INamespaceSymbol> spaces = [type.ContainingAssembly.GlobalNamespace];
        foreach (string part in Parts(type.ContainingNamespace))
        {
            spaces = spaces.SelectMany(space => space.GetNamespaceMembers()).Where(space => IsSame(space.Name, part)).ToArray();
        }

        return spaces.SelectMany(space => space.GetTypeMembers()).FirstOrDefault(
            other => IsSame(other.Name, type.Name) && !SymbolEqualityComparer.Default.Equals(other, type) && new Declaration(other).IsModel);

        static bool IsSame(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Parts(INamespaceSymbol space) =>
        space.IsGlobalNamespace ? [] : Parts(space.ContainingNamespace).Append(space.Name);

    private static void CheckProject(INamedTypeSymbol type, TypeDeclarationSyntax syntax, CSharpCompilation compilation, Reporter reporter)
    {
        if (!compilation.Options.AllowUnsafe)
        {
            reporter.Report(Descriptors.UnsafeCodeNotAllowed, reporter.ClassLocation, type.Name);
        }

        if (syntax.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: < LowestLanguageVersion and var version })
        {
            reporter.Report(Descriptors.LanguageVersionTooLow, reporter.ClassLocation, type.Name, version.ToDisplayString());
        }
    }
}
