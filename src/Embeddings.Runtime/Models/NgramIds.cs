namespace Embeddings.Models;

/// <summary>
/// The row of a hashed table for the n-gram of tokens that ends at each position of a pass: (…(t₁·V + t₂)·V + … + tₙ) mod M, with the id
/// V, which no token has, before the start of a sequence.
/// </summary>
internal sealed class NgramIds(int tokens, int context, int vocabulary)
{
    private readonly Dictionary<int, int[]> _byOrder = [];

    /// <summary>Computes the rows of one order.</summary>
    /// <param name="ids">Tokens of the pass, [B·T].</param>
    /// <param name="order">n.</param>
    /// <param name="rows">M.</param>
    public unsafe void Find(int* ids, int order, int rows)
    {
        if (!_byOrder.TryGetValue(order, out int[]? found))
        {
            _byOrder[order] = found = GC.AllocateArray<int>(tokens, pinned: true);
        }

        for (int row = 0; row < tokens; row++)
        {
            long hash = 0;
            for (int back = order - 1; back >= 0; back--)
            {
                long id = row % context >= back ? ids[row - back] : vocabulary;
                hash = (hash * vocabulary + id) % rows;
            }

            found[row] = (int)hash;
        }
    }

    /// <summary>What was last found of an order, [B·T].</summary>
    public unsafe int* Of(int order) => (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _byOrder[order][0]);
}
