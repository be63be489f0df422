namespace Embeddings;

/// <summary>
/// What a group's declared learning rate is multiplied by, so that one rate, that of the matrices of the body, can be kept over widths and
/// vocabularies. Meant for <see cref="ParameterGroup.InputEmbedding"/>. Source: Hayou and Liu, arXiv 2506.15025.
/// </summary>
public enum RateRule
{
    /// <summary>1: the rate is what is declared.</summary>
    AsDeclared,

    /// <summary>C: the ratio of the embedding's rate to the body's under the maximal update parametrisation, for a fixed vocabulary.</summary>
    TimesWidth,

    /// <summary>√C: the ratio for a vocabulary much larger than the width.</summary>
    TimesRootWidth,

    /// <summary><see cref="TimesWidth"/> while the vocabulary is at most as large as the width, <see cref="TimesRootWidth"/> above.</summary>
    ByVocabulary,
}
