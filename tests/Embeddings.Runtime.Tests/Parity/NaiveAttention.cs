namespace Embeddings.Runtime.Tests.Parity;

/// <summary>Causal attention of one pass with every probability kept, forward and backward.</summary>
internal sealed class NaiveAttention(int context, int heads, int keyValueHeads, int width)
{
    private readonly List<double[]> _probabilities = [];

    /// <summary>o[t] = Σ_s p[t, s]·v[s], p = softmax over s ≤ t of q[t]·k[s]/√D; q [R, H·D], k and v [R, G·D].</summary>
    public double[] Forward(double[] q, double[] k, double[] v)
    {
        int rows = q.Length / (heads * width);
        var output = new double[q.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int h = 0; h < heads; h++)
            {
                int start = r - r % context;
                var p = new double[r - start + 1];
                double largest = double.NegativeInfinity;
                for (int s = 0; s < p.Length; s++)
                {
                    for (int d = 0; d < width; d++)
                    {
                        p[s] += q[Query(r, h) + d] * k[Key(start + s, h) + d] / Math.Sqrt(width);
                    }

                    largest = Math.Max(largest, p[s]);
                }

                double sum = 0;
                for (int s = 0; s < p.Length; s++)
                {
                    p[s] = Math.Exp(p[s] - largest);
                    sum += p[s];
                }

                for (int s = 0; s < p.Length; s++)
                {
                    p[s] /= sum;
                    for (int d = 0; d < width; d++)
                    {
                        output[Query(r, h) + d] += p[s] * v[Key(start + s, h) + d];
                    }
                }

                _probabilities.Add(p);
            }
        }

        return output;
    }

    /// <summary>The softmax's Jacobian is diag(p) − ppᵀ.</summary>
    public (double[] Q, double[] K, double[] V) Backward(double[] dOutput, double[] q, double[] k, double[] v)
    {
        var dQ = new double[q.Length];
        var dK = new double[k.Length];
        var dV = new double[v.Length];
        for (int r = 0; r < q.Length / (heads * width); r++)
        {
            for (int h = 0; h < heads; h++)
            {
                double[] p = _probabilities[r * heads + h];
                int start = r - r % context;
                var dP = new double[p.Length];
                double dot = 0;
                for (int s = 0; s < p.Length; s++)
                {
                    for (int d = 0; d < width; d++)
                    {
                        dP[s] += dOutput[Query(r, h) + d] * v[Key(start + s, h) + d];
                        dV[Key(start + s, h) + d] += p[s] * dOutput[Query(r, h) + d];
                    }

                    dot += p[s] * dP[s];
                }

                for (int s = 0; s < p.Length; s++)
                {
                    double dScore = p[s] * (dP[s] - dot) / Math.Sqrt(width);
                    for (int d = 0; d < width; d++)
                    {
                        dQ[Query(r, h) + d] += dScore * k[Key(start + s, h) + d];
                        dK[Key(start + s, h) + d] += dScore * q[Query(r, h) + d];
                    }
                }
            }
        }

        return (dQ, dK, dV);
    }

    private int Query(int row, int head) => (row * heads + head) * width;

    private int Key(int row, int head) => (row * keyValueHeads + head / (heads / keyValueHeads)) * width;
}
