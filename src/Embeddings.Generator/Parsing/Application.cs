using System;
using System.Collections.Immutable;
using System.Linq;
using Embeddings.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Embeddings.Generator.Parsing;

/// <summary>One attribute on one class.</summary>
internal sealed record Application(Declaration Owner, AttributeData Data)
{
    private AttributeSyntax? Syntax => Data.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;

    /// <summary>Where the attribute stands.</summary>
    public Location? Location => Syntax?.GetLocation();

    /// <summary>
    /// The value that the attribute gives to a property, by name or by the constructor's parameter of the same name. False when it does
    /// not say, or when the argument does not compile, which is the C# compiler's to report.
    /// </summary>
    public bool TryGet<T>(string property, out T value)
    {
        foreach (var argument in Data.NamedArguments)
        {
            if (argument.Key == property)
            {
                return TryConvert(argument.Value, out value);
            }
        }

        int index = ParameterIndex(property);
        if (index >= 0 && index < Data.ConstructorArguments.Length)
        {
            return TryConvert(Data.ConstructorArguments[index], out value);
        }

        value = default!;
        return false;
    }

    /// <summary>Whether the attribute has an argument for the property, valid or not.</summary>
    public bool Says(string property) => Argument(property) is not null;

    /// <summary>Where the property's argument stands, or else the attribute.</summary>
    public Location? ArgumentLocation(string property) => Argument(property)?.GetLocation() ?? Location;

    /// <summary>
    /// The constructor's parameters. An argument that does not compile leaves no constructor chosen; then the longest is meant.
    /// </summary>
    private ImmutableArray<IParameterSymbol> Parameters =>
        (Data.AttributeConstructor ?? Data.AttributeClass?.InstanceConstructors.OrderBy(each => each.Parameters.Length).LastOrDefault())
        ?.Parameters ?? ImmutableArray<IParameterSymbol>.Empty;

    private AttributeArgumentSyntax? Argument(string property) =>
        Syntax?.ArgumentList?.Arguments.Where((argument, index) => Names(argument, index, property)).FirstOrDefault();

    private bool Names(AttributeArgumentSyntax argument, int index, string property) => argument switch
    {
        { NameEquals: { } name } => name.Name.Identifier.ValueText == property,
        { NameColon: { } name } => IsParameterOf(name.Name.Identifier.ValueText, property),
        _ => index < Parameters.Length && IsParameterOf(Parameters[index].Name, property),
    };

    private int ParameterIndex(string property)
    {
        for (int i = 0; i < Parameters.Length; i++)
        {
            if (IsParameterOf(Parameters[i].Name, property))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsParameterOf(string parameter, string property) =>
        string.Equals(parameter, property, StringComparison.OrdinalIgnoreCase);

    private static bool TryConvert<T>(TypedConstant constant, out T value)
    {
        if (constant.Kind == TypedConstantKind.Enum && typeof(T).IsEnum && constant.Value is { } number)
        {
            value = (T)Enum.ToObject(typeof(T), number);
            return true;
        }

        if (constant.Kind == TypedConstantKind.Primitive && constant.Value is T primitive)
        {
            value = primitive;
            return true;
        }

        if (constant.Kind == TypedConstantKind.Array && typeof(T) == typeof(EquatableArray<string>) && !constant.Values.IsDefault)
        {
            value = (T)(object)new EquatableArray<string>(constant.Values.Select(item => item.Value as string ?? ""));
            return true;
        }

        value = default!;
        return false;
    }
}
