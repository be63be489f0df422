namespace Embeddings.Tokenization;

/// <summary>Where <see cref="ShortMerger"/> asks how early two neighbours merge.</summary>
internal unsafe interface IPairRanks
{
    /// <summary>The rank of two bytes; <see cref="MergeTable.None"/> where they do not merge.</summary>
    int OfBytes(byte* bytes);

    /// <summary>The rank of a word's symbol at a place and the one behind it; <see cref="MergeTable.None"/> where they do not merge.</summary>
    /// <param name="symbols">All symbols of the word.</param>
    /// <param name="place">The left one of the two.</param>
    int Of(int* symbols, int place);

    /// <summary>The id that a merge of this rank makes.</summary>
    int IdOf(int rank);
}
