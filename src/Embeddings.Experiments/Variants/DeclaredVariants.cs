using Embeddings.Models;

namespace Embeddings.Experiments;

// Stands in for the class that the generator prints; goes when the generator is merged.
internal static class DeclaredVariants
{
    public static IReadOnlyList<Variant> All => [];
}
