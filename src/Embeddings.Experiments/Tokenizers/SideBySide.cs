using Embeddings.Tokenization;

namespace Embeddings.Experiments.Tokenizers;

/// <summary>One text as two tokenizers cut it.</summary>
/// <param name="Tokens">The tokens of the first, each with the token of the second that stands beside it.</param>
/// <param name="OtherTokens">How many tokens the second makes.</param>
/// <param name="SharedEnds">Places where a token of each ends, the end of the text among them.</param>
internal sealed record SideBySide(IReadOnlyList<AlignedToken> Tokens, int OtherTokens, int SharedEnds)
{
    /// <summary>Cuts a text twice.</summary>
    /// <param name="first">Decides the rows.</param>
    /// <param name="second">Stands beside it.</param>
    /// <param name="text">The bytes.</param>
    public static SideBySide Of(Tokenizer first, Tokenizer second, ReadOnlySpan<byte> text)
    {
        var ids = new List<int>();
        var others = new List<int>();
        first.Encode(text, ids);
        second.Encode(text, others);
        int[] aligned = TokenAlignment.LastEndingBy(first, ids.ToArray(), second, others.ToArray());
        HashSet<int> ends = [.. Ends(second, others)];
        int shared = Ends(first, ids).Count(ends.Contains);
        AlignedToken[] tokens =
        [
            .. ids.Zip(aligned, (id, place) => place < 0
                ? new AlignedToken(id, TokenText.Of(first.Tokens[id]), null, null)
                : new AlignedToken(id, TokenText.Of(first.Tokens[id]), others[place], TokenText.Of(second.Tokens[others[place]]))),
        ];
        return new SideBySide(tokens, others.Count, shared);
    }

    private static IEnumerable<int> Ends(Tokenizer tokenizer, List<int> ids)
    {
        int end = 0;
        foreach (int id in ids)
        {
            end += tokenizer.Tokens[id].Length;
            yield return end;
        }
    }
}

/// <summary>A token with the last token of another tokenizer that ends where it ends or before.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its bytes, every one visible.</param>
/// <param name="OtherId">The other's; null where none ends by there.</param>
/// <param name="OtherText">Its bytes.</param>
internal sealed record AlignedToken(int Id, string Text, int? OtherId, string? OtherText);
