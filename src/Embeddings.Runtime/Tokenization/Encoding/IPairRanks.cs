namespace Embeddings.Tokenization;

/// <summary>Where <see cref="ShortMerger"/> asks how early two neighbours merge.</summary>
internal unsafe interface IPairRanks
{
    /// <summary>The rank of two bytes; <see cref="MergeTable.None"/> where they do not merge.</summary>
    int OfBytes(byte* bytes);

    /// <summary>The rank of two neighbouring ids of a word; <see cref="MergeTable.None"/> where they do not merge.</summary>
    /// <param name="left">The left one.</param>
    /// <param name="right">The right one.</param>
    /// <param name="start">Bytes of the word before them.</param>
    int Of(int left, int right, int start);

    /// <summary>The id that a merge of this rank makes.</summary>
    int IdOf(int rank);
}
