using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved options of the input rows beside their kind, and of the step at which a tied head is untied.</summary>
internal sealed record EmbeddingSettings(
    Setting<int> Rank,
    Setting<int> InputVocabulary,
    Setting<int> NgramRows,
    Setting<int> NgramOrder,
    Setting<int> SuffixVocabulary,
    Setting<int> UntiesAfter)
{
    public static EmbeddingSettings Read(InheritanceChain chain)
    {
        Application[] input = chain.Applications(typeof(InputEmbeddingAttribute)).ToArray();
        Application[] grams = chain.Applications(typeof(HashedNgramsAttribute)).ToArray();
        return new EmbeddingSettings(
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.Rank), Defaults.InputEmbedding.Rank),
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.VocabularySize), Defaults.InputEmbedding.VocabularySize),
            Setting<int>.Resolve(grams, nameof(HashedNgramsAttribute.Rows), 0),
            Setting<int>.Resolve(grams, nameof(HashedNgramsAttribute.Order), Defaults.HashedNgrams.Order),
            Setting<int>.Resolve(chain.Applications(typeof(SuffixRowsAttribute)), nameof(SuffixRowsAttribute.VocabularySize), 0),
            Setting<int>.Resolve(
                chain.Applications(typeof(OutputHeadAttribute)), nameof(OutputHeadAttribute.UntiesAfter), Defaults.OutputHead.UntiesAfter));
    }

    /// <summary>Whether rows for n-grams are declared.</summary>
    public bool HasNgrams => NgramRows.Origin is not null;

    /// <summary>Whether rows for suffixes are declared.</summary>
    public bool HasSuffixes => SuffixVocabulary.Origin is not null;

    /// <summary>The spec with these options, once the rules hold.</summary>
    public ArchitectureSpec AddTo(ArchitectureSpec spec) => spec with
    {
        Rank = spec.InputEmbedding == EmbeddingKind.LowRank ? Rank.Value : 0,
        InputVocabulary = InputVocabulary.Value,
        NgramRows = HasNgrams ? NgramRows.Value : 0,
        NgramOrder = HasNgrams ? NgramOrder.Value : 0,
        SuffixVocabulary = HasSuffixes ? SuffixVocabulary.Value : 0,
        UntiesAfter = spec.Head == HeadKind.TiedThenUntied ? UntiesAfter.Value : 0,
    };
}
