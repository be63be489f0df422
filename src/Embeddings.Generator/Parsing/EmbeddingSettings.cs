using System.Linq;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>The resolved options of the input rows beside their kind, and of the head beside its kind.</summary>
internal sealed record EmbeddingSettings(
    Setting<int> Rank,
    Setting<int> HiddenWidth,
    Setting<int> BytesRead,
    Setting<int> InputVocabulary,
    Setting<int> NgramRows,
    Setting<int> NgramOrder,
    Setting<int> SuffixVocabulary,
    Setting<int> SecondVocabulary,
    Setting<int> UntiesAfter,
    Setting<int> DecoderWidth,
    Setting<int> DecoderPositions)
{
    public static EmbeddingSettings Read(InheritanceChain chain)
    {
        Application[] input = chain.Applications(typeof(InputEmbeddingAttribute)).ToArray();
        Application[] grams = chain.Applications(typeof(HashedNgramsAttribute)).ToArray();
        return new EmbeddingSettings(
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.Rank), Defaults.InputEmbedding.Rank),
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.HiddenWidth), Defaults.InputEmbedding.HiddenWidth),
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.BytesRead), Defaults.InputEmbedding.BytesRead),
            Setting<int>.Resolve(input, nameof(InputEmbeddingAttribute.VocabularySize), Defaults.InputEmbedding.VocabularySize),
            Setting<int>.Resolve(grams, nameof(HashedNgramsAttribute.Rows), 0),
            Setting<int>.Resolve(grams, nameof(HashedNgramsAttribute.Order), Defaults.HashedNgrams.Order),
            Setting<int>.Resolve(chain.Applications(typeof(SuffixRowsAttribute)), nameof(SuffixRowsAttribute.VocabularySize), 0),
            Setting<int>.Resolve(chain.Applications(typeof(SecondInputTableAttribute)), nameof(SecondInputTableAttribute.VocabularySize), 0),
            Head(nameof(OutputHeadAttribute.UntiesAfter), Defaults.OutputHead.UntiesAfter),
            Head(nameof(OutputHeadAttribute.DecoderWidth), Defaults.OutputHead.DecoderWidth),
            Head(nameof(OutputHeadAttribute.DecoderPositions), Defaults.OutputHead.DecoderPositions));

        Setting<int> Head(string name, int whenNotSaid) =>
            Setting<int>.Resolve(chain.Applications(typeof(OutputHeadAttribute)), name, whenNotSaid);
    }

    /// <summary>Whether rows of a kind are computed from the bytes one by one.</summary>
    public static bool ReadsBytes(EmbeddingKind kind) => kind is EmbeddingKind.Recurrent or EmbeddingKind.Convolutional;

    /// <summary>Whether rows for n-grams are declared.</summary>
    public bool HasNgrams => NgramRows.Origin is not null;

    /// <summary>Whether rows for suffixes are declared.</summary>
    public bool HasSuffixes => SuffixVocabulary.Origin is not null;

    /// <summary>Whether a second input table is declared.</summary>
    public bool HasSecondTable => SecondVocabulary.Origin is not null;

    /// <summary>The spec with these options, once the rules hold.</summary>
    public ArchitectureSpec AddTo(ArchitectureSpec spec) => spec with
    {
        Rank = spec.InputEmbedding == EmbeddingKind.LowRank ? Rank.Value : 0,
        HiddenWidth = ReadsBytes(spec.InputEmbedding) ? HiddenWidth.Value : 0,
        BytesRead = ReadsBytes(spec.InputEmbedding) ? BytesRead.Value : 0,
        InputVocabulary = InputVocabulary.Value,
        NgramRows = HasNgrams ? NgramRows.Value : 0,
        NgramOrder = HasNgrams ? NgramOrder.Value : 0,
        SecondVocabulary = HasSecondTable ? SecondVocabulary.Value : 0,
        SuffixVocabulary = HasSuffixes ? SuffixVocabulary.Value : 0,
        DecoderWidth = spec.Head == HeadKind.Bytes ? DecoderWidth.Value : 0,
        DecoderPositions = spec.Head == HeadKind.Bytes ? DecoderPositions.Value : 0,
        UntiesAfter = spec.Head == HeadKind.TiedThenUntied ? UntiesAfter.Value : 0,
    };
}
