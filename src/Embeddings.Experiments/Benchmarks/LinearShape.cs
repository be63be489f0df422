using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>A linear layer of a model: Y[m, outputs] = X[m, inputs] · Wᵀ.</summary>
/// <param name="Name">Its place in the model.</param>
/// <param name="Copies">How often the model has it.</param>
/// <param name="Outputs">Columns of its output.</param>
/// <param name="Inputs">Columns of its input.</param>
internal sealed record LinearShape(string Name, int Copies, int Outputs, int Inputs)
{
    private const string Prefix = "Block.";
    private const string Suffix = ".Weight";

    /// <summary>The linear layers of the repeated block, in order, and the head.</summary>
    public static IReadOnlyList<LinearShape> Of(ModelDescription model) =>
    [
        .. model.Parameters
            .Where(block => block.IsMatrix && block.Name.StartsWith(Prefix, StringComparison.Ordinal) && block.Name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(block => new LinearShape(block.Name[Prefix.Length..^Suffix.Length], block.Layers, block.Rows, block.Columns)),
        new LinearShape("Head", 1, model.VocabularySize, model.Architecture.Width),
    ];
}
