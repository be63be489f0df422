using Embeddings.Cpu;

namespace Embeddings.Models;

/// <summary>The bytes of the tokens that a model works with, in order of id.</summary>
/// <param name="Targets">Of the targets.</param>
/// <param name="Inputs">Of the inputs; null where they are of the targets' vocabulary.</param>
/// <param name="Suffixes">Of the tokens that have suffix rows; null where none are declared.</param>
public sealed record ModelVocabularies(
    IReadOnlyList<byte[]> Targets, IReadOnlyList<byte[]>? Inputs = null, IReadOnlyList<byte[]>? Suffixes = null)
{
    /// <summary>How a model's input rows are composed of bytes, or null where they are not.</summary>
    public Spelling? InputSpelling(ModelDescription model) =>
        Spelling.Of(model.Architecture.InputEmbedding, model.Architecture.SpellingPositions, Inputs ?? Targets);

    /// <summary>The bytes of targets for a head of bytes, or null where there is no such head.</summary>
    public Spelling? TargetSpelling(ModelDescription model) => model.Architecture.DecoderWidth > 0
        ? Spelling.Of(EmbeddingKind.Composed, model.Architecture.DecoderPositions, Targets)
        : null;

    /// <summary>What an instance on the processor needs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="batch">Sequences in a pass.</param>
    public ModelOptions Options(ModelDescription model, WorkerPool pool, int batch) => new(pool, batch, InputSpelling(model), Suffixes)
    {
        TargetSpelling = TargetSpelling(model),
    };
}
