using System.Numerics;

namespace Embeddings.Cpu.Attention;

/// <summary>
/// What distinguishes one causal attention from another: which keys before a query it sees, and what is added to its scores. A struct,
/// so that a kernel is compiled for each without a call.
/// </summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal unsafe interface IAttentionScores<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The first key that a query sees; it sees all from there to its own position. Must not fall as the query rises.</summary>
    /// <param name="query">Position of the query.</param>
    int FirstKey(int query);

    /// <summary>Adds what is to be added to a stretch of a query's scores q·k, before they are multiplied by the scale.</summary>
    /// <param name="head">Query head.</param>
    /// <param name="query">Position of the query.</param>
    /// <param name="key">Position of the first key.</param>
    /// <param name="count">Keys.</param>
    /// <param name="scores">Scores of the keys.</param>
    void Adjust(int head, int query, int key, int count, T* scores);
}

/// <summary>Every earlier key is seen, and nothing is added.</summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal readonly unsafe struct PlainScores<T> : IAttentionScores<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public int FirstKey(int query) => 0;

    /// <inheritdoc/>
    public void Adjust(int head, int query, int key, int count, T* scores)
    {
    }
}
