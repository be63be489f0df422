using System.Text.Json;

namespace Embeddings.Tokenization;

/// <summary>Tokens and merges in GPT-2's letters, as <c>tokenizer.json</c> and <c>vocab.json</c> hold them.</summary>
internal static class LetterVocabulary
{
    /// <summary>Makes a tokenizer of them.</summary>
    /// <param name="vocabulary">An object of tokens and ids.</param>
    /// <param name="merges">Pairs of tokens, in order.</param>
    /// <param name="special">Special tokens with their ids; those that the vocabulary has too must have the same there.</param>
    /// <param name="splitter">Cuts text.</param>
    /// <param name="wholeWordsFirst">Whether a word that is a token is that token.</param>
    /// <exception cref="FormatException">A token is not in letters, an id stands twice, or a merge is of other tokens.</exception>
    public static BytePairDefinition Read(
        JsonElement vocabulary, IEnumerable<(string Left, string Right)> merges, Dictionary<string, int> special, Splitter splitter,
        bool wholeWordsFirst)
    {
        var ids = new Dictionary<string, int>();
        var tokens = new List<byte[]>();
        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            int id = entry.Value.GetInt32();
            if (special.TryGetValue(entry.Name, out int specialId))
            {
                _ = specialId == id ? 0 : throw new FormatException($"special token {entry.Name} has ids {specialId} and {id}");
                continue;
            }

            byte[] bytes = ByteLetters.Read(entry.Name) is { Length: > 0 } read
                ? read
                : throw new FormatException($"token \"{entry.Name}\" is not written in byte letters");
            TokenizerFile.Place(tokens, id, bytes);
            ids.Add(entry.Name, id);
        }

        foreach ((string text, int id) in special)
        {
            TokenizerFile.Place(tokens, id, [0]);
            _ = text.Length > 0 ? 0 : throw new FormatException("a special token is empty");
        }

        foreach (int id in special.Values)
        {
            tokens[id] = [];
        }

        var pairs = new List<(int Left, int Right)>();
        foreach ((string left, string right) in merges)
        {
            pairs.Add(ids.TryGetValue(left, out int leftId) && ids.TryGetValue(right, out int rightId)
                ? (leftId, rightId)
                : throw new FormatException($"merge {pairs.Count} uses a token that is not in the vocabulary"));
        }

        return new BytePairDefinition([.. tokens], pairs, MergeOrder.ByList, wholeWordsFirst, splitter, special);
    }
}
