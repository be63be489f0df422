using System;
using System.Collections.Generic;
using System.Linq;
using Embeddings.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// A class, the class it is a variant of, and so on to the one that is only a <c>[Transformer]</c>. What a nearer class says about a
/// property holds over what a farther one says.
/// </summary>
internal sealed class InheritanceChain
{
    private readonly List<Declaration> _declarations;

    private InheritanceChain(List<Declaration> declarations) => _declarations = declarations;

    /// <summary>The class itself.</summary>
    public Declaration Own => _declarations[0];

    /// <summary>All attributes of a type in the chain, the nearest first.</summary>
    public IEnumerable<Application> Applications(Type attribute) =>
        _declarations.SelectMany(owner => owner.FindAll(attribute).Select(data => new Application(owner, data)));

    /// <summary>The same for attributes that replace one another, up to and without the first class that has one of another type.</summary>
    public IEnumerable<Application> ApplicationsUntil(Type attribute, params Type[] replacements) =>
        _declarations
            .TakeWhile(owner => owner.Find(attribute) is not null || replacements.All(replacement => owner.Find(replacement) is null))
            .SelectMany(owner => owner.FindAll(attribute).Select(data => new Application(owner, data)));

    /// <summary>
    /// Walks from a class to the end of its chain. Returns null when the chain is broken; the class that breaks it gets the diagnostic,
    /// so that a mistake is reported once however many variants inherit it.
    /// </summary>
    public static InheritanceChain? Walk(Declaration own, Reporter reporter)
    {
        var declarations = new List<Declaration> { own };
        for (Declaration current = own; current.VariantOf is not null;)
        {
            if (current.Base is not { TypeKind: not TypeKind.Error } baseType)
            {
                return null;
            }

            var next = new Declaration(baseType);
            if (declarations.Any(seen => SymbolEqualityComparer.Default.Equals(seen.Type, next.Type)))
            {
                if (SymbolEqualityComparer.Default.Equals(own.Type, next.Type))
                {
                    string path = string.Join(" -> ", declarations.Append(next).Select(declaration => declaration.Type.Name));
                    reporter.Report(Descriptors.VariantOfCycle, BaseLocation(own, reporter), path);
                }

                return null;
            }

            if (!next.IsModel)
            {
                if (current == own)
                {
                    reporter.Report(Descriptors.VariantOfUndeclared, BaseLocation(own, reporter), own.Type.Name, next.Type.Name);
                }

                return null;
            }

            declarations.Add(next);
            current = next;
        }

        return new InheritanceChain(declarations);
    }

    /// <summary>The type argument of <c>[VariantOf&lt;TBase&gt;]</c>.</summary>
    private static Location BaseLocation(Declaration declaration, Reporter reporter)
    {
        SyntaxNode? attribute = declaration.VariantOf?.ApplicationSyntaxReference?.GetSyntax();
        TypeSyntax? argument = attribute?.DescendantNodes().OfType<TypeArgumentListSyntax>().FirstOrDefault()?.Arguments.FirstOrDefault();
        return argument?.GetLocation() ?? reporter.DeclarationLocation;
    }
}
