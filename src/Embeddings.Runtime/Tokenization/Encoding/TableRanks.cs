using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>Ranks of pairs from the table of merges.</summary>
/// <param name="table">The merges.</param>
internal readonly unsafe struct TableRanks(MergeTable table) : IPairRanks
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OfBytes(byte* bytes) => table.FindBytes(bytes[0], bytes[1]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(int* symbols, int place) => table.Find(symbols[place], symbols[place + 1]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdOf(int rank) => table.IdOf(rank);
}
