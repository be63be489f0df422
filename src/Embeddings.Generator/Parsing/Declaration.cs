using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// The attributes of one class. Lives only while a class is parsed: it holds symbols, which the pipeline must not keep.
/// </summary>
internal sealed class Declaration(INamedTypeSymbol type)
{
    private readonly ImmutableArray<AttributeData> _attributes = type.GetAttributes();

    public INamedTypeSymbol Type { get; } = type;

    /// <summary>The <c>[VariantOf&lt;TBase&gt;]</c> of the class.</summary>
    public AttributeData? VariantOf => Find(typeof(VariantOfAttribute<>));

    /// <summary>The class that it is a variant of.</summary>
    public INamedTypeSymbol? Base => VariantOf?.AttributeClass?.TypeArguments[0] as INamedTypeSymbol;

    /// <summary>Whether the class declares a model at all.</summary>
    public bool IsModel => VariantOf is not null || Find(typeof(TransformerAttribute)) is not null;

    /// <summary>The class's attribute of this type.</summary>
    public AttributeData? Find(Type attribute) => FindAll(attribute).FirstOrDefault();

    /// <summary>The class's attributes of this type, in the order of the source.</summary>
    public IEnumerable<AttributeData> FindAll(Type attribute) => _attributes.Where(data => Is(data.AttributeClass, attribute));

    /// <summary>Whether a symbol is one of the attributes that are linked into the generator.</summary>
    private static bool Is(INamedTypeSymbol? symbol, Type attribute) =>
        symbol is { ContainingType: null, ContainingNamespace: { ContainingNamespace.IsGlobalNamespace: true } space }
        && symbol.MetadataName == attribute.Name
        && space.Name == attribute.Namespace;
}
