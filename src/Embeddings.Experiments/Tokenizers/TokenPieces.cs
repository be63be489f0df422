using System.Text;
using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>A token and the two that were merged into it, down to bytes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its bytes as <see cref="TokenText"/> writes them.</param>
/// <param name="Parts">Left and right; none for a byte.</param>
internal sealed record TokenPieces(int Id, string Text, IReadOnlyList<TokenPieces> Parts)
{
    /// <summary>The pieces of a token, by the first merge that makes its bytes.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="id">The token.</param>
    public static TokenPieces Of(Tokenizer tokenizer, int id)
    {
        var merges = new Dictionary<string, (int Left, int Right)>();
        foreach ((int left, int right) in (tokenizer as BytePairTokenizer)?.Merges ?? [])
        {
            merges.TryAdd(Key(tokenizer.Tokens[left]) + Key(tokenizer.Tokens[right]), (left, right));
        }

        return Split(id);

        TokenPieces Split(int token) => new(
            token,
            TokenText.Of(tokenizer.Tokens[token]),
            merges.TryGetValue(Key(tokenizer.Tokens[token]), out (int Left, int Right) parts) ? [Split(parts.Left), Split(parts.Right)] : []);
    }

    /// <summary>The tree as lines, each piece under what it is part of.</summary>
    public IEnumerable<string> Lines() => Lines("", "");

    private IEnumerable<string> Lines(string prefix, string below)
    {
        yield return FormattableString.Invariant($"{prefix}{Text}  {Id}");
        for (int i = 0; i < Parts.Count; i++)
        {
            bool last = i == Parts.Count - 1;
            foreach (string line in Parts[i].Lines(below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  ")))
            {
                yield return line;
            }
        }
    }

    private static string Key(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
