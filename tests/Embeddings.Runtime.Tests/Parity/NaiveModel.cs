namespace Embeddings.Runtime.Tests.Parity;

/// <summary>The shape of a <see cref="NaiveModel"/>, said again by the test rather than read from the variant.</summary>
internal sealed record NaiveShape(int Layers, int Width, int Heads, int KeyValueHeads, int Context, int Vocabulary)
{
    public bool Rms { get; init; }

    public bool Rotates { get; init; }

    public bool LearnsPositions { get; init; }

    public bool Gates { get; init; }

    public bool SquaresRelu { get; init; }

    public bool NormalisesQueriesAndKeys { get; init; }

    public bool NormalisesEmbedding { get; init; }

    public bool TiesHead { get; init; }

    public double SoftCap { get; init; }

    /// <summary>Rows of the composition table of each token; null where rows are a table's.</summary>
    public int[][]? Spelling { get; init; }
}

/// <summary>A whole transformer, forward and backward, over parameters by name. Biases exist where the parameters have them.</summary>
internal sealed class NaiveModel(NaiveShape shape, Dictionary<string, double[]> parameters)
{

    public Dictionary<string, double[]> Parameters { get; } = parameters;

    public Dictionary<string, double[]> Gradients { get; } = parameters.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);

    /// <summary>Adds the gradient of scale · Σ losses, and returns Σ losses.</summary>
    public double Backpropagate(int[] tokens, int[] targets, double scale)
    {
        double[] rows = Embed(tokens);
        double[] residual = shape.NormalisesEmbedding ? NaiveMath.Norm(rows, shape.Width, shape.Rms, null, null) : [.. rows];
        if (shape.LearnsPositions)
        {
            for (int i = 0; i < residual.Length; i++)
            {
                residual[i] += Parameters["Embedding.Positions"][i % (shape.Context * shape.Width)];
            }
        }

        var layers = new NaiveBlock[shape.Layers];
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            layers[layer] = new NaiveBlock(shape, $"Blocks.{layer}.", Parameters, Gradients);
            residual = layers[layer].Forward(residual);
        }

        (double loss, double[] gradient) = Head(residual, targets, scale);
        for (int layer = shape.Layers - 1; layer >= 0; layer--)
        {
            gradient = layers[layer].Backward(gradient);
        }

        if (shape.LearnsPositions)
        {
            for (int i = 0; i < gradient.Length; i++)
            {
                Gradients["Embedding.Positions"][i % (shape.Context * shape.Width)] += gradient[i];
            }
        }

        Unembed(tokens, shape.NormalisesEmbedding ? NaiveMath.NormBackward(gradient, rows, shape.Width, shape.Rms, null, null, null) : gradient);
        return loss;
    }

    private string InputTable => shape.Spelling is null ? "Embedding.Table" : "Embedding.Composition";

    private (int[] Rows, double Factor) RowsOf(int token) =>
        shape.Spelling is null ? ([token], 1) : (shape.Spelling[token], 1 / Math.Sqrt(shape.Spelling[token].Length));

    private double[] Embed(int[] tokens)
    {
        var x = new double[tokens.Length * shape.Width];
        for (int r = 0; r < tokens.Length; r++)
        {
            (int[] rows, double factor) = RowsOf(tokens[r]);
            foreach (int row in rows)
            {
                for (int c = 0; c < shape.Width; c++)
                {
                    x[r * shape.Width + c] += factor * Parameters[InputTable][row * shape.Width + c];
                }
            }
        }

        return x;
    }

    private void Unembed(int[] tokens, double[] gradient)
    {
        for (int r = 0; r < tokens.Length; r++)
        {
            (int[] rows, double factor) = RowsOf(tokens[r]);
            foreach (int row in rows)
            {
                for (int c = 0; c < shape.Width; c++)
                {
                    Gradients[InputTable][row * shape.Width + c] += factor * gradient[r * shape.Width + c];
                }
            }
        }
    }

    private (double Loss, double[] Gradient) Head(double[] residual, int[] targets, double scale)
    {
        string matrix = shape.TiesHead ? "Embedding.Table" : "Head.Weight";
        double[] gain = Parameters["Head.Norm.Gain"];
        double[] x = NaiveMath.Norm(residual, shape.Width, shape.Rms, gain, Parameters.GetValueOrDefault("Head.Norm.Bias"));
        double[] logits = NaiveMath.Linear(x, Parameters[matrix], null, shape.Width);
        double total = 0;
        for (int r = 0; r < targets.Length; r++)
        {
            Span<double> row = logits.AsSpan(r * shape.Vocabulary, shape.Vocabulary);
            var slopes = new double[row.Length];
            double largest = double.NegativeInfinity, sum = 0;
            for (int v = 0; v < row.Length; v++)
            {
                double capped = shape.SoftCap > 0 ? Math.Tanh(row[v] / shape.SoftCap) : 0;
                slopes[v] = 1 - capped * capped;
                row[v] = shape.SoftCap > 0 ? shape.SoftCap * capped : row[v];
                largest = Math.Max(largest, row[v]);
            }

            foreach (double logit in row)
            {
                sum += Math.Exp(logit - largest);
            }

            total += targets[r] < 0 ? 0 : largest + Math.Log(sum) - row[targets[r]];
            for (int v = 0; v < row.Length; v++)
            {
                double probability = Math.Exp(row[v] - largest) / sum;
                row[v] = targets[r] < 0 ? 0 : scale * slopes[v] * (probability - (v == targets[r] ? 1 : 0));
            }
        }

        double[] dX = NaiveMath.LinearBackward(logits, x, Parameters[matrix], shape.Width, Gradients[matrix], null);
        return (total, NaiveMath.NormBackward(
            dX, residual, shape.Width, shape.Rms, gain, Gradients["Head.Norm.Gain"], Gradients.GetValueOrDefault("Head.Norm.Bias")));
    }
}
