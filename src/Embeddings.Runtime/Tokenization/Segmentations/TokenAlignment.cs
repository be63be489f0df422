namespace Embeddings.Tokenization;

/// <summary>Two sequences of ids of one text side by side: an input and an output tokenizer over the same bytes.</summary>
public static class TokenAlignment
{
    /// <summary>For each token of one sequence the last token of the other that ends where it ends or before; −1 where none does.</summary>
    /// <param name="tokenizer">Of the first sequence.</param>
    /// <param name="ids">The first sequence.</param>
    /// <param name="other">Of the second sequence.</param>
    /// <param name="otherIds">The second sequence, of the same bytes.</param>
    /// <exception cref="ArgumentException">The sequences stand for different numbers of bytes.</exception>
    public static int[] LastEndingBy(Tokenizer tokenizer, ReadOnlySpan<int> ids, Tokenizer other, ReadOnlySpan<int> otherIds)
    {
        if (tokenizer.DecodedLength(ids) != other.DecodedLength(otherIds))
        {
            throw new ArgumentException("The two sequences stand for different numbers of bytes.", nameof(otherIds));
        }

        var aligned = new int[ids.Length];
        int end = 0;
        int otherEnd = 0;
        int next = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            end += tokenizer.Tokens[ids[i]].Length;
            while (next < otherIds.Length && otherEnd + other.Tokens[otherIds[next]].Length <= end)
            {
                otherEnd += other.Tokens[otherIds[next++]].Length;
            }

            aligned[i] = next - 1;
        }

        return aligned;
    }
}
