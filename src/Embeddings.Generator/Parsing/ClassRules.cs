using System;
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
    }

    public static TypeSpec ToSpec(INamedTypeSymbol type)
    {
        string space = type.ContainingNamespace.IsGlobalNamespace
            ? string.Empty
            : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);
        string accessibility = SyntaxFacts.GetText(type.DeclaredAccessibility);
        return new TypeSpec(space, type.Name, type.IsSealed ? accessibility + " sealed" : accessibility);
    }

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

        INamedTypeSymbol? twin = type.ContainingNamespace.GetTypeMembers().FirstOrDefault(
            other => string.Equals(other.Name, type.Name, StringComparison.OrdinalIgnoreCase)
                && other.Name != type.Name
                && new Declaration(other).IsModel);
        if (twin is not null && type.ContainingType is null)
        {
            reporter.Report(Descriptors.NamesDifferInCaseOnly, reporter.ClassLocation, type.Name, twin.Name);
        }
    }

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
