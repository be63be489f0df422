namespace Embeddings.Runtime.Tests.Parity;

/// <summary>x + Attention(Norm(x)), then x + FeedForward(Norm(x)), with every intermediate kept for the backward.</summary>
internal sealed class NaiveBlock(
    NaiveShape shape, string prefix, Dictionary<string, double[]> parameters, Dictionary<string, double[]> gradients)
{
    private readonly int _headWidth = shape.Width / shape.Heads;
    private readonly NaiveAttention _attention = new(shape.Context, shape.Heads, shape.KeyValueHeads, shape.Width / shape.Heads);
    private double[] _input = [];
    private double[] _attentionNorm = [];
    private double[] _rawQ = [];
    private double[] _rawK = [];
    private double[] _q = [];
    private double[] _k = [];
    private double[] _v = [];
    private double[] _mixed = [];
    private double[] _middle = [];
    private double[] _feedForwardNorm = [];
    private double[] _hidden = [];
    private double[] _activation = [];

    private int Keys => shape.KeyValueHeads * _headWidth;

    public double[] Forward(double[] x)
    {
        _input = x;
        _attentionNorm = Norm("Attention.Norm", x);
        double[] packed = Linear("Attention.QueryKeyValue", _attentionNorm, shape.Width);
        _rawQ = Columns(packed, 0, shape.Width);
        _rawK = Columns(packed, shape.Width, Keys);
        _v = Columns(packed, shape.Width + Keys, Keys);
        _q = HeadNorm("Attention.QueryNorm.Gain", _rawQ);
        _k = HeadNorm("Attention.KeyNorm.Gain", _rawK);
        if (shape.Rotates)
        {
            NaiveMath.Rotate(_q, shape.Heads, _headWidth, shape.Context, 1);
            NaiveMath.Rotate(_k, shape.KeyValueHeads, _headWidth, shape.Context, 1);
        }

        _mixed = _attention.Forward(_q, _k, _v);
        _middle = Sum(x, Linear("Attention.Output", _mixed, shape.Width));
        _feedForwardNorm = Norm("FeedForward.Norm", _middle);
        _hidden = Linear(shape.Gates ? "FeedForward.GateUp" : "FeedForward.Up", _feedForwardNorm, shape.Width);
        _activation = Activate();
        return Sum(_middle, Linear("FeedForward.Down", _activation, _activation.Length / Rows));
    }

    public double[] Backward(double[] dOutput)
    {
        double[] dActivation = LinearBackward("FeedForward.Down", dOutput, _activation, _activation.Length / Rows);
        double[] dNorm = LinearBackward(
            shape.Gates ? "FeedForward.GateUp" : "FeedForward.Up", ActivateBackward(dActivation), _feedForwardNorm, shape.Width);
        double[] dMiddle = Sum(dOutput, NormBackward("FeedForward.Norm", dNorm, _middle));

        double[] dMixed = LinearBackward("Attention.Output", dMiddle, _mixed, shape.Width);
        (double[] dQ, double[] dK, double[] dV) = _attention.Backward(dMixed, _q, _k, _v);
        if (shape.Rotates)
        {
            NaiveMath.Rotate(dQ, shape.Heads, _headWidth, shape.Context, -1);
            NaiveMath.Rotate(dK, shape.KeyValueHeads, _headWidth, shape.Context, -1);
        }

        dQ = HeadNormBackward("Attention.QueryNorm.Gain", dQ, _rawQ);
        dK = HeadNormBackward("Attention.KeyNorm.Gain", dK, _rawK);
        var dPacked = new double[Rows * (shape.Width + 2 * Keys)];
        for (int r = 0; r < Rows; r++)
        {
            int first = r * (shape.Width + 2 * Keys);
            Array.Copy(dQ, r * shape.Width, dPacked, first, shape.Width);
            Array.Copy(dK, r * Keys, dPacked, first + shape.Width, Keys);
            Array.Copy(dV, r * Keys, dPacked, first + shape.Width + Keys, Keys);
        }

        double[] dAttentionNorm = LinearBackward("Attention.QueryKeyValue", dPacked, _attentionNorm, shape.Width);
        return Sum(dMiddle, NormBackward("Attention.Norm", dAttentionNorm, _input));
    }

    private int Rows => _input.Length / shape.Width;

    private double[] Activate()
    {
        if (!shape.Gates)
        {
            return [.. _hidden.Select(u => Function(u).Value)];
        }

        int hidden = _hidden.Length / Rows / 2;
        return [.. Columns(_hidden, 0, hidden).Zip(Columns(_hidden, hidden, hidden), (gate, up) => NaiveMath.Silu(gate).Value * up)];
    }

    private double[] ActivateBackward(double[] dActivation)
    {
        if (!shape.Gates)
        {
            return [.. dActivation.Zip(_hidden, (g, u) => g * Function(u).Slope)];
        }

        int hidden = _hidden.Length / Rows / 2;
        var dHidden = new double[_hidden.Length];
        for (int r = 0; r < Rows; r++)
        {
            for (int i = 0; i < hidden; i++)
            {
                (double value, double slope) = NaiveMath.Silu(_hidden[2 * r * hidden + i]);
                double g = dActivation[r * hidden + i];
                dHidden[2 * r * hidden + i] = g * slope * _hidden[(2 * r + 1) * hidden + i];
                dHidden[(2 * r + 1) * hidden + i] = g * value;
            }
        }

        return dHidden;
    }

    private (double Value, double Slope) Function(double u) => shape.SquaresRelu ? NaiveMath.SquaredRelu(u) : NaiveMath.Gelu(u);

    private double[] Linear(string name, double[] x, int inputs) =>
        NaiveMath.Linear(x, parameters[$"{prefix}{name}.Weight"], parameters.GetValueOrDefault($"{prefix}{name}.Bias"), inputs);

    private double[] LinearBackward(string name, double[] dY, double[] x, int inputs) => NaiveMath.LinearBackward(
        dY, x, parameters[$"{prefix}{name}.Weight"], inputs, gradients[$"{prefix}{name}.Weight"], gradients.GetValueOrDefault($"{prefix}{name}.Bias"));

    private double[] Norm(string name, double[] x) => NaiveMath.Norm(
        x, shape.Width, shape.Rms, parameters[$"{prefix}{name}.Gain"], parameters.GetValueOrDefault($"{prefix}{name}.Bias"));

    private double[] NormBackward(string name, double[] dY, double[] x) => NaiveMath.NormBackward(
        dY, x, shape.Width, shape.Rms, parameters[$"{prefix}{name}.Gain"], gradients[$"{prefix}{name}.Gain"],
        gradients.GetValueOrDefault($"{prefix}{name}.Bias"));

    private double[] HeadNorm(string gain, double[] x) =>
        shape.NormalisesQueriesAndKeys ? NaiveMath.Norm(x, _headWidth, true, parameters[prefix + gain], null) : [.. x];

    private double[] HeadNormBackward(string gain, double[] dY, double[] x) => shape.NormalisesQueriesAndKeys
        ? NaiveMath.NormBackward(dY, x, _headWidth, true, parameters[prefix + gain], gradients[prefix + gain], null)
        : dY;

    private double[] Columns(double[] x, int first, int count)
    {
        int width = x.Length / Rows;
        return [.. Enumerable.Range(0, Rows).SelectMany(r => x.AsSpan(r * width + first, count).ToArray())];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
