namespace Embeddings.Experiments.Studies;

/// <summary>A vocabulary and a kind of input row, and the declared variant that has both.</summary>
/// <param name="VocabularySize">V.</param>
/// <param name="Kind">The kind of input row.</param>
/// <param name="Variant">The variant's name.</param>
public sealed record VocabularyArm(int VocabularySize, EmbeddingKind Kind, string Variant);
