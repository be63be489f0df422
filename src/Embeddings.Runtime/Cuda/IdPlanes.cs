using Embeddings.Models;

namespace Embeddings.Cuda;

/// <summary>
/// The ids of a pass as they lie on a device, a plane [B, T] each: tokens, targets, then what the model declares of n-grams, suffixes, a
/// second input table and permuted targets.
/// </summary>
/// <param name="description">The model.</param>
internal readonly struct IdPlanes(ModelDescription description)
{
    /// <summary>The plane of the targets.</summary>
    public const int Targets = 1;

    private const int FirstNgrams = 2;

    private readonly int _ngramOrder = description.Architecture.NgramOrder;
    private readonly bool _hasSuffixes = description.Architecture.SuffixVocabulary > 0;
    private readonly bool _hasSecond = description.Architecture.SecondVocabulary > 0;

    /// <summary>Whether a pass has permuted targets.</summary>
    public bool PermutesTargets { get; } = description.Routes.Table == TableGradient.CrossPositionPermuted;

    /// <summary>The plane of the longest token that ends at each position.</summary>
    public int Suffixes => FirstNgrams + Math.Max(0, _ngramOrder - 1);

    /// <summary>The plane of the second input table's ids.</summary>
    public int Second => Suffixes + (_hasSuffixes ? 1 : 0);

    /// <summary>The plane of the targets that are moved to other sequences.</summary>
    public int PermutedTargets => Second + (_hasSecond ? 1 : 0);

    /// <summary>All of them.</summary>
    public int Count => PermutedTargets + (PermutesTargets ? 1 : 0);

    /// <summary>The plane of the rows that n-grams of one order are hashed to.</summary>
    public static int Ngrams(int order) => FirstNgrams + order - 2;
}
