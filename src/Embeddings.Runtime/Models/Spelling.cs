namespace Embeddings.Models;

/// <summary>
/// Which rows of the composition table each token sums, in compressed form: token v sums rows
/// <c>Rows[Starts[v]] … Rows[Starts[v + 1] − 1]</c> and divides by the root of their number.
/// </summary>
/// <param name="Starts">V + 1 offsets into <paramref name="Rows"/>.</param>
/// <param name="Rows">Rows of the composition table.</param>
public sealed record Spelling(int[] Starts, int[] Rows)
{
    /// <summary>V.</summary>
    public int VocabularySize => Starts.Length - 1;

    /// <summary>Most rows that a token sums.</summary>
    public int LongestToken => Enumerable.Range(0, VocabularySize).Max(token => Starts[token + 1] - Starts[token]);

    /// <summary>Whether rows of this kind are composed of bytes, alone or beside others.</summary>
    public static bool IsNeeded(EmbeddingKind kind) =>
        kind is EmbeddingKind.ByteSum or EmbeddingKind.Composed or EmbeddingKind.ComposedPermuted or EmbeddingKind.TableAndComposed
            or EmbeddingKind.Recurrent or EmbeddingKind.Convolutional;

    /// <summary>Finds the byte of each token at a place, where rows are bytes; 256 where it has none there, or none that is read.</summary>
    /// <param name="place">From −1, which is before the first.</param>
    /// <param name="places">Bytes read of a token at most.</param>
    /// <param name="tokens">Ids.</param>
    /// <param name="bytes">Receives as many values as there are tokens.</param>
    /// <exception cref="ArgumentException">There are not as many places for bytes as tokens.</exception>
    public void BytesAt(int place, int places, ReadOnlySpan<int> tokens, Span<int> bytes)
    {
        const int End = 256;
        if (bytes.Length != tokens.Length)
        {
            throw new ArgumentException($"The bytes of {tokens.Length} tokens do not go into {bytes.Length} places.", nameof(bytes));
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            int first = Starts[tokens[i]];
            bytes[i] = place >= 0 && place < Math.Min(places, Starts[tokens[i] + 1] - first) ? Rows[first + place] : End;
        }
    }

    /// <summary>Rows of the composition table that an embedding of this kind learns.</summary>
    /// <param name="kind">A kind composed of bytes.</param>
    /// <param name="positions">Byte positions told apart.</param>
    public static int TableRows(EmbeddingKind kind, int positions) => IsOfBytesAlone(kind) ? 256 : 256 * positions;

    /// <summary>
    /// Spells every token: byte b at place p is row b, or for position-aware kinds row 256·min(p, positions − 1) + b.
    /// <see cref="EmbeddingKind.ComposedPermuted"/> gives each token the spelling of another of equal length: a fixed permutation.
    /// </summary>
    /// <param name="kind">The kind of embedding.</param>
    /// <param name="positions">Byte positions told apart.</param>
    /// <param name="tokens">Bytes of each token, in order of id; none empty.</param>
    /// <returns>The spelling, or null where the kind has rows of its own.</returns>
    public static Spelling? Of(EmbeddingKind kind, int positions, IReadOnlyList<byte[]> tokens)
    {
        if (!IsNeeded(kind))
        {
            return null;
        }

        int[] speller = kind == EmbeddingKind.ComposedPermuted ? PermuteWithinLength(tokens) : [.. Enumerable.Range(0, tokens.Count)];
        var starts = new int[tokens.Count + 1];
        var rows = new List<int>();
        for (int token = 0; token < tokens.Count; token++)
        {
            byte[] bytes = tokens[speller[token]];
            for (int place = 0; place < bytes.Length; place++)
            {
                rows.Add(IsOfBytesAlone(kind) ? bytes[place] : 256 * Math.Min(place, positions - 1) + bytes[place]);
            }

            starts[token + 1] = rows.Count;
        }

        return new Spelling(starts, [.. rows]);
    }

    /// <summary>Whether a byte's row does not depend on its place.</summary>
    private static bool IsOfBytesAlone(EmbeddingKind kind) => kind is EmbeddingKind.ByteSum or EmbeddingKind.Recurrent or EmbeddingKind.Convolutional;

    /// <summary>
    /// A fixed permutation of ids that keeps byte length. Ids in order of merge approximate frequency, so tokens are exchanged within
    /// windows of 64 neighbours of equal length.
    /// </summary>
    private static int[] PermuteWithinLength(IReadOnlyList<byte[]> tokens)
    {
        const int Window = 64;
        var random = new RandomStream(0, "ComposedPermuted");
        var permuted = new int[tokens.Count];
        foreach (var group in Enumerable.Range(0, tokens.Count).GroupBy(token => tokens[token].Length))
        {
            foreach (int[] window in group.Chunk(Window))
            {
                int[] shuffled = [.. window];
                random.Shuffle(shuffled);
                for (int i = 0; i < window.Length; i++)
                {
                    permuted[window[i]] = shuffled[i];
                }
            }
        }

        return permuted;
    }
}
