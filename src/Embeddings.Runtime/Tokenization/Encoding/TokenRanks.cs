namespace Embeddings.Tokenization;

/// <summary>
/// Ranks of pairs of a vocabulary of ranks without the table of merges, which is still being made: looks for the bytes of a pair among the
/// tokens.
/// </summary>
/// <param name="vocabulary">The tokens; ids are ranks.</param>
/// <param name="word">The bytes of the word that is merged.</param>
internal readonly unsafe struct TokenRanks(BytePairVocabulary vocabulary, byte* word) : IPairRanks
{
    /// <inheritdoc/>
    public int OfBytes(byte* bytes) => RankOf(new ReadOnlySpan<byte>(bytes, 2));

    /// <inheritdoc/>
    public int Of(int left, int right, int start) =>
        RankOf(new ReadOnlySpan<byte>(word + start, vocabulary.Tokens[left].Length + vocabulary.Tokens[right].Length));

    /// <inheritdoc/>
    public int IdOf(int rank) => rank;

    private int RankOf(ReadOnlySpan<byte> bytes) => vocabulary.Find(bytes) is >= 0 and int id ? id : MergeTable.None;
}
