namespace Embeddings.Runtime.Tests.Parity;

/// <summary>AdamW of one group of parameters.</summary>
internal sealed record NaiveOptimizer(double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay);

/// <summary>
/// Training as the declaration promises it: mean loss over batch and accumulation, clipping by the global norm, a schedule over the share
/// of steps made, and AdamW with decoupled decay of matrices (arXiv 1711.05101).
/// </summary>
internal sealed class NaiveTrainer(NaiveModel model, Func<string, NaiveOptimizer> optimizer, Func<double, double> schedule)
{
    private readonly Dictionary<string, double[]> _first = model.Parameters.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
    private readonly Dictionary<string, double[]> _second = model.Parameters.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
    private int _step;

    /// <summary>Length of the last gradient, before clipping.</summary>
    public double GradientNorm { get; private set; }

    /// <summary>One step over some passes; returns the mean loss.</summary>
    public double Step(IReadOnlyList<(int[] Tokens, int[] Targets)> passes, double fraction, double clipNorm)
    {
        foreach (double[] gradient in model.Gradients.Values)
        {
            Array.Clear(gradient);
        }

        int tokens = passes.Sum(pass => pass.Tokens.Length);
        double loss = passes.Sum(pass => model.Backpropagate(pass.Tokens, pass.Targets, 1.0 / tokens)) / tokens;
        GradientNorm = Math.Sqrt(model.Gradients.Values.Sum(gradient => gradient.Sum(value => value * value)));
        double clip = clipNorm > 0 && GradientNorm > clipNorm ? clipNorm / GradientNorm : 1;
        _step++;
        foreach (string name in model.Parameters.Keys)
        {
            Update(name, optimizer(name), schedule(fraction), clip);
        }

        return loss;
    }

    private void Update(string name, NaiveOptimizer o, double rateFactor, double clip)
    {
        bool decays = !name.EndsWith(".Gain", StringComparison.Ordinal) && !name.EndsWith(".Bias", StringComparison.Ordinal);
        double rate = o.LearningRate * rateFactor;
        double[] p = model.Parameters[name], g = model.Gradients[name], m = _first[name], v = _second[name];
        for (int i = 0; i < p.Length; i++)
        {
            double gradient = clip * g[i];
            m[i] = o.Beta1 * m[i] + (1 - o.Beta1) * gradient;
            v[i] = o.Beta2 * v[i] + (1 - o.Beta2) * gradient * gradient;
            double mHat = m[i] / (1 - Math.Pow(o.Beta1, _step));
            double vHat = v[i] / (1 - Math.Pow(o.Beta2, _step));
            p[i] -= rate * (mHat / (Math.Sqrt(vHat) + o.Epsilon) + (decays ? o.WeightDecay : 0) * p[i]);
        }
    }
}
