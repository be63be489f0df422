using System.Text;
using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>
/// The tokenizers that models need. Byte-pair encoding is trained on one text once per way of cutting, at the largest size asked for, and
/// smaller vocabularies are its first merges: the same as if each were trained.
/// </summary>
public sealed class TokenizerShelf(Corpus training)
{
    private readonly Dictionary<string, BytePairTokenizer> _trained = [];
    private readonly Dictionary<TokenizerDescription, Tokenizer> _known = [];

    /// <summary>The tokenizer that a model declares.</summary>
    /// <param name="description">What is declared.</param>
    /// <param name="cancellation">Stops training.</param>
    /// <exception cref="UserError">The text cannot fill the vocabulary, or the file is missing or another than declared.</exception>
    public Tokenizer Of(TokenizerDescription description, CancellationToken cancellation = default)
    {
        if (!_known.TryGetValue(description, out Tokenizer? tokenizer))
        {
            tokenizer = description.Kind switch
            {
                TokenizerKind.Bytes => new ByteTokenizer(),
                TokenizerKind.ByteLevelBpe => BytePairs(description, cancellation).WithSpecialTokens(description.SpecialTokens),
                TokenizerKind.RandomMerges => RandomMerges(description, cancellation).WithSpecialTokens(description.SpecialTokens),
                TokenizerKind.WordList => new WordListTokenizer([.. description.Words.Select(Encoding.UTF8.GetBytes)]),
                _ => DeclaredFile.Open(description),
            };
            _known.Add(description, tokenizer);
        }

        return tokenizer;
    }

    /// <summary>Trains for the largest of several models at once, so that none is trained twice.</summary>
    public void Prepare(IEnumerable<ModelDescription> models, CancellationToken cancellation = default)
    {
        foreach (var pattern in models.Select(model => model.Tokenizer).Where(tokenizer => tokenizer.Kind == TokenizerKind.ByteLevelBpe)
            .GroupBy(tokenizer => tokenizer.Splitter.Name))
        {
            Of(pattern.MaxBy(tokenizer => tokenizer.OrdinarySize)!, cancellation);
        }
    }

    private BytePairTokenizer BytePairs(TokenizerDescription description, CancellationToken cancellation)
    {
        if (!_trained.TryGetValue(description.Splitter.Name, out BytePairTokenizer? trained) || trained.VocabularySize < description.OrdinarySize)
        {
            trained = BytePairTrainer.Train(
                TrainingText.Of(training.Documents.Select(document => document.Bytes)), description.OrdinarySize, description.Splitter,
                cancellation: cancellation);
            _trained[description.Splitter.Name] = trained;
        }

        return trained.Truncate(description.OrdinarySize);
    }

    private BytePairTokenizer RandomMerges(TokenizerDescription description, CancellationToken cancellation) => RandomMergeTrainer.Train(
        TrainingText.Of(training.Documents.Select(document => document.Bytes)), description.OrdinarySize, description.Splitter, (ulong)description.Seed,
        cancellation: cancellation);
}
