using Embeddings.Data;
using Embeddings.Models;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>The mean length of the tokens that declared tokenizers cut a text into, each trained on the text's training part.</summary>
internal static class TokenLengths
{
    /// <summary>Measures on the held-out part.</summary>
    /// <param name="tokenizers">Declared tokenizers.</param>
    /// <param name="data">The text.</param>
    /// <param name="progress">Receives the share done.</param>
    /// <param name="cancellation">Stops between tokenizers.</param>
    /// <returns>Bytes per token; null where the text cannot fill the vocabulary.</returns>
    public static IReadOnlyDictionary<TokenizerDescription, double?> Of(
        IEnumerable<TokenizerDescription> tokenizers, CorpusSplit data, Action<double> progress, CancellationToken cancellation)
    {
        // The largest first: smaller ones are its first merges.
        TokenizerDescription[] distinct = [.. tokenizers.Distinct().OrderByDescending(tokenizer => tokenizer.VocabularySize)];
        var shelf = new TokenizerShelf(data.Training);
        var lengths = new Dictionary<TokenizerDescription, double?>();
        foreach (TokenizerDescription declared in distinct)
        {
            cancellation.ThrowIfCancellationRequested();
            progress((double)lengths.Count / distinct.Length);
            lengths.Add(declared, Length(shelf, declared, data.Validation, cancellation));
        }

        return lengths;
    }

    private static double? Length(TokenizerShelf shelf, TokenizerDescription declared, Corpus text, CancellationToken cancellation)
    {
        if (declared.Kind == TokenizerKind.Bytes)
        {
            return 1;
        }

        Tokenizer tokenizer;
        try
        {
            tokenizer = shelf.Of(declared, cancellation);
        }
        catch (UserError)
        {
            return null;
        }

        long tokens = 0;
        var ids = new List<int>();
        foreach (Document document in text.Documents)
        {
            ids.Clear();
            tokenizer.Encode(document.Bytes.Span, ids);
            tokens += ids.Count;
        }

        return (double)text.Bytes / tokens;
    }
}
