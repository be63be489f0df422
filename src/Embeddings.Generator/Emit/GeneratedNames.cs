using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Emit;

/// <summary>
/// Names of what is generated for a class, chosen so that nothing a user declares can change what generated code means. The code of
/// <c>Laboratory.Baseline</c> stands in the namespace <c>Embeddings.Generated.Laboratory.Baseline</c>, which holds nothing else and has
/// its using directives inside: a simple name there is found before any class of the project is looked at. Only the public half stands in
/// the class itself, where members of the user come first; it spells every name from <c>global::</c>.
/// </summary>
internal static class GeneratedNames
{
    private const string Root = "Embeddings.Generated";
    private const int LongestHint = 160;
    private const int HashDigits = 16;

    private static readonly string[] s_usingsOfSteps = ["System", "System.Numerics", "Embeddings.Cpu", "Embeddings.Models"];

    /// <summary>The declaration's enumerations by name: an alias holds even where a project has classes in the namespace Embeddings.</summary>
    private static readonly string[] s_enumerations =
    [
        .. typeof(NormKind).Assembly.GetTypes()
            .Where(type => type.IsEnum && type.IsPublic && type.Namespace == typeof(NormKind).Namespace)
            .Select(type => type.Name).OrderBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>The namespace that holds the description, the step and the kernels of a class, and nothing else.</summary>
    public static string Namespace(TypeSpec type) => $"{Root}.{(type.Namespace.Length == 0 ? "" : type.Namespace + ".")}{Identifier(type)}";

    /// <summary>The class, whatever stands around the reference.</summary>
    public static string Reference(TypeSpec type) =>
        $"global::{(type.Namespace.Length == 0 ? "" : type.Namespace + ".")}{Identifier(type)}";

    /// <summary>The name as it can be declared: any word may be one behind an @, and a lower-case one may be a keyword some day.</summary>
    public static string Identifier(TypeSpec type) => type.Name.All(character => character is >= 'a' and <= 'z') ? "@" + type.Name : type.Name;

    /// <summary>
    /// The name of a generated file. A name that file systems would refuse, because it is too long, is cut and ends in its own hash.
    /// </summary>
    public static string Hint(TypeSpec type, string suffix)
    {
        string name = type.FullName.Replace("@", "");
        if (Encoding.UTF8.GetByteCount(name) > LongestHint)
        {
            using var hash = SHA256.Create();
            string digits = string.Concat(hash.ComputeHash(Encoding.UTF8.GetBytes(name)).Select(value => value.ToString("x2")));
            int kept = name.Length;
            while (Encoding.UTF8.GetByteCount(name.Substring(0, kept)) > LongestHint - HashDigits - 1
                || char.IsHighSurrogate(name[kept - 1]))
            {
                kept--;
            }

            name = $"{name.Substring(0, kept)}-{digits.Substring(0, HashDigits)}";
        }

        return name + suffix;
    }

    /// <summary>The using directives of step and kernels; inside a namespace, they hold before everything outside it.</summary>
    public static void StepUsings(SourceWriter writer)
    {
        foreach (string name in s_usingsOfSteps)
        {
            writer.Line($"using global::{name};");
        }
    }

    /// <summary>The using directives of the description.</summary>
    public static void DescriptionUsings(SourceWriter writer)
    {
        writer.Line("using global::Embeddings.Models;");
        foreach (string name in s_enumerations)
        {
            writer.Line($"using {name} = global::Embeddings.{name};");
        }
    }
}
