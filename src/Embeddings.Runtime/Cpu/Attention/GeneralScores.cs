using System.Numerics;

namespace Embeddings.Cpu.Attention;

/// <summary>Scores with a window, and with slopes that make them fall with distance (ALiBi, Press et al., arXiv 2108.12409).</summary>
/// <param name="heads">Query heads, H.</param>
/// <param name="scale">Factor of the scores, which what is added here is multiplied with too.</param>
/// <param name="window">Positions that a query sees, itself included; 0 is all earlier ones.</param>
/// <param name="slopes">Whether the score of head h falls by 2^(−8(h + 1)/H) for each position of distance.</param>
internal readonly unsafe struct GeneralScores<T>(int heads, double scale, int window, bool slopes) : IAttentionScores<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public int FirstKey(int query) => window == 0 ? 0 : Math.Max(0, query - window + 1);

    /// <inheritdoc/>
    public void Adjust(int head, int query, int key, int count, T* scores)
    {
        if (slopes)
        {
            double slope = Slope(head) / scale;
            for (int i = 0; i < count; i++)
            {
                scores[i] -= Lanes.Scalar<T>(slope * (query - key - i));
            }
        }
    }

    /// <summary>What a head's score, already multiplied by the scale, loses for each position of distance.</summary>
    public double Slope(int head) => slopes ? Math.Pow(2, -8.0 * (head + 1) / heads) : 0;
}
