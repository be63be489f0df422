using Embeddings.Models;

namespace Embeddings.Experiments.Variants;

/// <summary>The declared variants by name.</summary>
public static class VariantCatalog
{
    /// <summary>Every declared variant, in order of name.</summary>
    public static IReadOnlyList<Variant> All { get; } = [.. DeclaredVariants.All.OrderBy(variant => variant.Name, StringComparer.Ordinal)];

    /// <summary>The variant of a name, in any case of letters.</summary>
    /// <exception cref="UserError">There is none; the message names the nearest.</exception>
    public static Variant Find(string name)
    {
        if (All.FirstOrDefault(variant => string.Equals(variant.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return found;
        }

        string[] nearest = [.. NearestNames.Of(name, All.Select(variant => variant.Name))];
        throw new UserError(nearest.Length == 0
            ? $"There is no variant '{name}'; the command 'variants' lists all."
            : $"There is no variant '{name}'; the nearest names are {string.Join(", ", nearest)}, and the command 'variants' lists all.");
    }
}
