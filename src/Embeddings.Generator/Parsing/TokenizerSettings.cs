using System.Linq;
using Embeddings.Generator.Diagnostics;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Parsing;

/// <summary>
/// The resolved tokenizer. The nearest <c>[Bytes]</c> or <c>[ByteLevelBpe]</c> decides the kind and hides everything said of the other
/// kind beyond it; with neither, every byte is a token.
/// </summary>
internal sealed record TokenizerSettings(TokenizerKind Kind, Setting<int> VocabularySize, Setting<PreTokenization> PreTokenization)
{
    public static TokenizerSettings Read(InheritanceChain chain)
    {
        Application[] pairs = chain.ApplicationsUntil(typeof(ByteLevelBpeAttribute), typeof(BytesAttribute)).ToArray();
        return new TokenizerSettings(
            pairs.Length > 0 ? TokenizerKind.ByteLevelBpe : TokenizerKind.Bytes,
            Setting<int>.Resolve(pairs, nameof(ByteLevelBpeAttribute.VocabularySize), Defaults.ByteLevelBpe.VocabularySize),
            Setting<PreTokenization>.Resolve(
                pairs, nameof(ByteLevelBpeAttribute.PreTokenization), Defaults.ByteLevelBpe.PreTokenization));
    }

    /// <summary>Entries in all.</summary>
    public int Entries => Kind == TokenizerKind.Bytes ? Limits.ByteValues : VocabularySize.Value;

    public void Check(InheritanceChain chain, Reporter reporter)
    {
        if (chain.Own.Find(typeof(BytesAttribute)) is not null && chain.Own.Find(typeof(ByteLevelBpeAttribute)) is { } pairs)
        {
            reporter.Report(
                Descriptors.TwoTokenizers, new Application(chain.Own, pairs).Location ?? reporter.DeclarationLocation, chain.Own.Type.Name);
        }

        if (VocabularySize.Value < Limits.ByteValues || VocabularySize.Value > Limits.VocabularySize)
        {
            reporter.Report(
                Descriptors.VocabularySizeOutOfRange, VocabularySize, VocabularySize.Value, Limits.ByteValues, Limits.VocabularySize);
        }

        Rules.Defined(PreTokenization, reporter);
    }

    public TokenizerSpec ToSpec() => Kind == TokenizerKind.Bytes
        ? new TokenizerSpec(Kind, Limits.ByteValues, Embeddings.PreTokenization.None)
        : new TokenizerSpec(Kind, VocabularySize.Value, PreTokenization.Value);
}
