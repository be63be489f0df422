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
    public int Of(int left, int right, int start) => table.Find(left, right);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdOf(int rank) => table.IdOf(rank);
}
