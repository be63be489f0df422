using Embeddings.Generator.Graph;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>What a pass is run on.</summary>
/// <param name="Tokens">Ids, [B, T].</param>
/// <param name="Targets">Next ids, [B, T]; −1 has no loss.</param>
/// <param name="Spelling">Rows of the composition table of each token.</param>
internal sealed record OpBatch(int Batch, int Context, int[] Tokens, int[] Targets, double GradientScale, int[][] Spelling)
{
    public int Rows => Batch * Context;
}

/// <summary>
/// Evaluates nodes in double by plain loops over definitions: the reference for emitted code, fused or not. It shares nothing with the
/// runtime. A new operation needs one line in <see cref="Compute"/> and a method that spells out its definition.
/// </summary>
/// <param name="batch">The tokens.</param>
/// <param name="parameter">Values of a parameter by name.</param>
/// <param name="stageInput">The residual stream that enters, [R, C].</param>
/// <param name="outputGradient">The gradient of the residual stream that leaves, [R, C].</param>
/// <param name="layer">Which layer of a repeated stage it is.</param>
/// <param name="constants">Where values behind a stopped gradient come from; null: from here.</param>
internal sealed class GraphInterpreter(
    OpBatch batch, Func<string, double[]> parameter, double[]? stageInput = null, double[]? outputGradient = null, int layer = 0,
    GraphInterpreter? constants = null)
{
    /// <summary>The residual stream that left the embedding, [R, C].</summary>
    public double[]? InitialResidual { get; init; }

    /// <summary>Its gradient from the layers above, [R, C].</summary>
    public double[]? InitialGradient { get; init; }

    private readonly Dictionary<Node, double[]> _values = [];
    private readonly Dictionary<Node, double[][]> _parts = [];

    /// <summary>The value of a node, row by row.</summary>
    public double[] Value(Node node)
    {
        if (!_values.TryGetValue(node, out double[]? value))
        {
            _values[node] = value = Compute(node);
            Assert.Equal(RowsOf(node) * node.Shape.Columns, value.Length);
        }

        return value;
    }

    private double[] Compute(Node node) => node.Op switch
    {
        Op.Parameter => parameter(((ParameterPayload)node.Payload!).Parameter),
        Op.Constant => [((ConstantPayload)node.Payload!).Value],
        Op.StageInput => stageInput!,
        Op.OutputGradient => outputGradient!,
        Op.InitialResidual => InitialResidual!,
        Op.InitialGradient => InitialGradient!,
        Op.Gather => Rows(node, row => Row(node.Inputs[0], IdOf(node, row))),
        Op.TokenPlace => Rows(node, row => [PlaceOf((TokenPlacePayload)node.Payload!, batch.Spelling[batch.Tokens[row]].Length)]),
        Op.PositionRows => Rows(node, row => Row(node.Inputs[0], row % batch.Context)),
        Op.GatherSum => Rows(node, row => SpelledRow(node.Inputs[0], batch.Tokens[row])),
        Op.Slice => Rows(node, row => Row(node.Inputs[0], row).AsSpan(((SlicePayload)node.Payload!).Start, node.Shape.Columns).ToArray()),
        Op.Concat => Rows(node, row => [.. node.Inputs.SelectMany(input => Row(input, row))]),
        Op.Reshape => Value(node.Inputs[0]),
        Op.AccumulateGradient => node.Shape == Shape.Vector(1) ? [Value(node.Inputs[0]).Sum()] : Value(node.Inputs[0]),
        Op.StopGradient => (constants ?? this).Value(node.Inputs[0]),
        Op.Zeros => Rows(node, _ => new double[node.Shape.Columns]),
        Op.Add => Elementwise(node, x => x[0] + x[1]),
        Op.Subtract => Elementwise(node, x => x[0] - x[1]),
        Op.Multiply => Elementwise(node, x => x[0] * x[1]),
        Op.Negate => Elementwise(node, x => -x[0]),
        Op.Exp => Elementwise(node, x => Math.Exp(x[0])),
        Op.Log => Elementwise(node, x => Math.Log(x[0])),
        Op.Tanh => Elementwise(node, x => Math.Tanh(x[0])),
        Op.Sigmoid => Elementwise(node, x => 1 / (1 + Math.Exp(-x[0]))),
        Op.ReciprocalSqrt => Elementwise(node, x => 1 / Math.Sqrt(x[0])),
        Op.PositivePart => Elementwise(node, x => Math.Max(x[0], 0)),
        Op.Step => Elementwise(node, x => x[0] > 0 ? 1 : 0),
        Op.Broadcast => Elementwise(node, x => x[0]),
        Op.Normalize => Elementwise(node, x => x.Length == 3 ? (x[0] - x[1]) * x[2] : x[0] * x[1]),
        Op.RowSum => Rows(node, row => [Row(node.Inputs[0], row).Sum()]),
        Op.ColumnSum => ColumnSum(node.Inputs[0]),
        Op.MatMul => MatMul(node),
        Op.Rotary => Rotary(node),
        Op.LinearCrossEntropy => Losses(node),
        Op.ByteCrossEntropy => Rows(node, row => [ByteLoss(node, row).Loss]),
        Op.Pick => Parts(node.Inputs[0])[((PickPayload)node.Payload!).Index],
        Op.ScatterAdd => Scatter(node, row => [IdOf(node, row)], 1),
        Op.PositionSum => Scatter(node, row => [row % batch.Context], 1),
        Op.ScatterSum => Scatter(node, row => batch.Spelling[batch.Tokens[row]], -0.5),
        _ => throw new NotSupportedException($"{node.Op} has no definition here."),
    };

    /// <summary>The token, or its byte at a place of those that are read; 256 where it has none.</summary>
    private int IdOf(Node node, int row)
    {
        if (node.Payload is not IdsPayload { Ids: var ids })
        {
            return batch.Tokens[row];
        }

        int place = int.Parse(ids[IdsPayload.Bytes.Length..], System.Globalization.CultureInfo.InvariantCulture) - 1;
        int[] bytes = batch.Spelling[batch.Tokens[row]];
        return place >= 0 && place < Math.Min(bytes.Length, OpShape.BytesRead) ? bytes[place] : 256;
    }

    private static double PlaceOf(TokenPlacePayload payload, int length)
    {
        int read = Math.Min(length, payload.Places);
        return payload.Place >= read ? 0 : payload.IsShare ? 1 / Math.Sqrt(read) : 1;
    }

    private double[][] Parts(Node node)
    {
        if (!_parts.TryGetValue(node, out double[][]? parts))
        {
            _parts[node] = parts = node.Op switch
            {
                Op.Attention or Op.GeneralAttention => Attention(node),
                Op.AttentionGradient or Op.GeneralAttentionGradient => AttentionGradient(node),
                Op.LinearCrossEntropyGradient => CrossEntropyGradient(node),
                Op.ByteCrossEntropyGradient => ByteCrossEntropyGradient(node),
                _ => throw new NotSupportedException($"{node.Op} has no parts."),
            };
        }

        return parts;
    }

    private int RowsOf(Node node) => node.Shape.IsActivation ? batch.Rows * node.Shape.Rows : node.Shape.Rows;

    private double[] Rows(Node node, Func<int, double[]> row) => [.. Enumerable.Range(0, RowsOf(node)).SelectMany(row)];

    private double[] Row(Node node, int row) => Value(node).AsSpan(row * node.Shape.Columns, node.Shape.Columns).ToArray();

    private double[] Elementwise(Node node, Func<double[], double> function)
    {
        var result = new double[RowsOf(node) * node.Shape.Columns];
        for (int i = 0; i < result.Length; i++)
        {
            int row = i / node.Shape.Columns;
            int column = i % node.Shape.Columns;
            result[i] = function([.. node.Inputs.Select(input => Element(input, row, column))]);
        }

        return result;
    }

    /// <summary>Element (row, column), where a scalar, a vector or a row scalar is broadcast.</summary>
    private double Element(Node node, int row, int column) => node.Shape.Kind switch
    {
        ShapeKind.Scalar => Value(node)[0],
        ShapeKind.Vector => Value(node)[node.Shape.Columns == 1 ? 0 : column],
        _ => Value(node)[row * node.Shape.Columns + (node.Shape.Columns == 1 ? 0 : column)],
    };

    /// <summary>Σ rows of the token's bytes / √count.</summary>
    private double[] SpelledRow(Node table, int token)
    {
        int[] rows = batch.Spelling[token];
        return [.. Enumerable.Range(0, table.Shape.Columns).Select(column =>
            rows.Sum(row => Element(table, row, column)) / Math.Sqrt(rows.Length))];
    }

    private double[] ColumnSum(Node node) =>
        [.. Enumerable.Range(0, node.Shape.Columns).Select(column => Enumerable.Range(0, RowsOf(node)).Sum(row => Element(node, row, column)))];

    private double[] Scatter(Node node, Func<int, int[]> targets, double powerOfCount)
    {
        Node gradient = node.Inputs[0];
        int columns = node.Shape.Columns;
        var result = new double[node.Shape.Rows * columns];
        for (int row = 0; row < batch.Rows; row++)
        {
            int[] to = targets(row);
            foreach (int target in to)
            {
                for (int column = 0; column < columns; column++)
                {
                    result[target * columns + column] += Element(gradient, row, column) * (powerOfCount < 0 ? Math.Pow(to.Length, powerOfCount) : 1);
                }
            }
        }

        return result;
    }

    private double[] MatMul(Node node)
    {
        var payload = (MatMulPayload)node.Payload!;
        Node a = node.Inputs[0];
        Node b = node.Inputs[1];
        int inner = payload.TransposeA ? RowsOf(a) : a.Shape.Columns;
        return Rows(node, row => [.. Enumerable.Range(0, node.Shape.Columns).Select(column => Enumerable.Range(0, inner).Sum(k =>
            (payload.TransposeA ? Element(a, k, row) : Element(a, row, k))
            * (payload.TransposeB ? Element(b, column, k) : Element(b, k, column))))]);
    }

    /// <summary>Pairs (j, j + D/2) of each head turn by position · 10000^(−2j/D).</summary>
    private double[] Rotary(Node node)
    {
        var payload = (RotaryPayload)node.Payload!;
        int half = payload.HeadWidth / 2;
        return Rows(node, row =>
        {
            double[] x = Row(node.Inputs[0], row);
            double[] y = [.. x];
            for (int head = 0; head < payload.Heads; head++)
            {
                for (int j = 0; j < half; j++)
                {
                    double angle = (payload.Inverse ? -1 : 1) * (row % batch.Context) * Math.Pow(10000, -2.0 * j / payload.HeadWidth);
                    int first = head * payload.HeadWidth + j;
                    y[first] = x[first] * Math.Cos(angle) - x[first + half] * Math.Sin(angle);
                    y[first + half] = x[first + half] * Math.Cos(angle) + x[first] * Math.Sin(angle);
                }
            }

            return y;
        });
    }

    /// <summary>The first row that a query sees: of its sequence, or of its window.</summary>
    private int FirstRow(Node node, int row)
    {
        var payload = (AttentionPayload)node.Payload!;
        int window = payload.Windows.Count > 0 ? payload.Windows[layer] : 0;
        int start = row / batch.Context * batch.Context;
        return window > 0 ? Math.Max(start, row - window + 1) : start;
    }

    /// <summary>Softmax of the scores of query row t and head h over the rows that it sees, and their log-sum-exp.</summary>
    private (double[] Probabilities, double LogSumExp) Probabilities(Node node, int row, int head)
    {
        var payload = (AttentionPayload)node.Payload!;
        int group = head / (payload.Heads / payload.KeyValueHeads);
        int first = FirstRow(node, row);
        double slope = payload.Slopes ? Math.Pow(2, -8.0 * (head + 1) / payload.Heads) : 0;
        double[] scores = [.. Enumerable.Range(first, row - first + 1).Select(source =>
            payload.Scale * Enumerable.Range(0, payload.HeadWidth).Sum(
                channel => Element(node.Inputs[0], row, head * payload.HeadWidth + channel)
                    * Element(node.Inputs[1], source, group * payload.HeadWidth + channel))
            - slope * (row - source))];
        double logSumExp = LogSumExp(scores);
        return ([.. scores.Select(score => Math.Exp(score - logSumExp))], logSumExp);
    }

    private double[][] Attention(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        int width = payload.HeadWidth;
        var output = new double[batch.Rows * payload.Heads * width];
        var logSumExp = new double[batch.Rows * payload.Heads];
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int head = 0; head < payload.Heads; head++)
            {
                (double[] p, logSumExp[row * payload.Heads + head]) = Probabilities(node, row, head);
                int first = FirstRow(node, row);
                for (int channel = 0; channel < width; channel++)
                {
                    output[(row * payload.Heads + head) * width + channel] = p.Select((probability, source) => probability * Element(
                        node.Inputs[2], first + source, head / (payload.Heads / payload.KeyValueHeads) * width + channel)).Sum();
                }
            }
        }

        return [output, logSumExp];
    }

    /// <summary>With P the probabilities and dP = dO·vᵀ: dV = Pᵀ·dO, dS = P·(dP − Σ P·dP), dQ = scale·dS·k, dK = scale·dSᵀ·q.</summary>
    private double[][] AttentionGradient(Node node)
    {
        var payload = (AttentionPayload)node.Payload!;
        int width = payload.HeadWidth;
        Node[] inputs = [node.Inputs[0], node.Inputs[1], node.Inputs[2]];
        double[][] gradients = [.. inputs.Select(input => new double[batch.Rows * input.Shape.Columns])];
        for (int row = 0; row < batch.Rows; row++)
        {
            int first = FirstRow(node, row);
            for (int head = 0; head < payload.Heads; head++)
            {
                int query = head * width;
                int group = head / (payload.Heads / payload.KeyValueHeads) * width;
                double[] p = Probabilities(node, row, head).Probabilities;
                double[] dP = [.. p.Select((_, source) => Enumerable.Range(0, width).Sum(
                    channel => Element(node.Inputs[5], row, query + channel) * Element(inputs[2], first + source, group + channel)))];
                double mean = p.Zip(dP, (probability, gradient) => probability * gradient).Sum();
                for (int source = 0; source < p.Length; source++)
                {
                    double dS = p[source] * (dP[source] - mean) * payload.Scale;
                    for (int channel = 0; channel < width; channel++)
                    {
                        int key = (first + source) * inputs[1].Shape.Columns + group + channel;
                        gradients[0][row * inputs[0].Shape.Columns + query + channel] += dS * Element(inputs[1], first + source, group + channel);
                        if (payload.Reach is null || row - first - source <= payload.Reach)
                        {
                            gradients[1][key] += dS * Element(inputs[0], row, query + channel);
                            gradients[2][key] += p[source] * Element(node.Inputs[5], row, query + channel);
                        }
                    }
                }
            }
        }

        return gradients;
    }

    /// <summary>Logits of a row, capped to c·tanh(z/c) where there is a cap.</summary>
    private double[] Logits(Node node, int row)
    {
        double cap = ((CrossEntropyPayload)node.Payload!).SoftCap;
        Node x = node.Inputs[0];
        Node head = node.Inputs[1];
        return [.. Enumerable.Range(0, head.Shape.Rows)
            .Select(token => Enumerable.Range(0, x.Shape.Columns).Sum(column => Element(x, row, column) * Element(head, token, column)))
            .Select(logit => cap > 0 ? cap * Math.Tanh(logit / cap) : logit)];
    }

    private double[] Losses(Node node) => Rows(node, row =>
    {
        double[] logits = Logits(node, row);
        return [batch.Targets[row] < 0 ? 0 : LogSumExp(logits) - logits[batch.Targets[row]]];
    });

    private double[][] CrossEntropyGradient(Node node)
    {
        double cap = ((CrossEntropyPayload)node.Payload!).SoftCap;
        Node x = node.Inputs[0];
        Node head = node.Inputs[1];
        int columns = x.Shape.Columns;
        var dX = new double[batch.Rows * columns];
        var dHead = new double[head.Shape.Rows * columns];
        for (int row = 0; row < batch.Rows; row++)
        {
            if (batch.Targets[row] < 0)
            {
                continue;
            }

            double[] logits = Logits(node, row);
            double logSumExp = LogSumExp(logits);
            for (int token = 0; token < logits.Length; token++)
            {
                double capped = cap > 0 ? 1 - logits[token] / cap * (logits[token] / cap) : 1;
                double dLogit = batch.GradientScale * capped * (Math.Exp(logits[token] - logSumExp) - (token == batch.Targets[row] ? 1 : 0));
                for (int column = 0; column < columns; column++)
                {
                    dX[row * columns + column] += dLogit * Element(head, token, column);
                    dHead[token * columns + column] += dLogit * Element(x, row, column);
                }
            }
        }

        return [dX, dHead];
    }

    /// <summary>
    /// The loss of a target said as bytes: at each place softmax(tanh(state + prefix vectors of the bytes before) · symbolsᵀ), for its bytes and
    /// then the end, 256; and for each place the derivative by the argument of tanh and the derivatives by the logits.
    /// </summary>
    private (double Loss, List<(double[] Activation, double[] ByState, double[] ByLogit)> Places) ByteLoss(Node node, int row)
    {
        double cap = ((CrossEntropyPayload)node.Payload!).SoftCap;
        (Node state, Node prefix, Node symbols) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        var places = new List<(double[], double[], double[])>();
        double loss = 0;
        int[] spelled = batch.Targets[row] < 0 ? [] : batch.Spelling[batch.Targets[row]];
        for (int place = 0; place <= spelled.Length && batch.Targets[row] >= 0; place++)
        {
            double[] a = [.. Enumerable.Range(0, state.Shape.Columns).Select(column => Math.Tanh(
                Element(state, row, column) + spelled.Take(place).Sum(each => Element(prefix, each, column))))];
            double[] logits = [.. Enumerable.Range(0, symbols.Shape.Rows)
                .Select(symbol => a.Select((value, column) => value * Element(symbols, symbol, column)).Sum())
                .Select(logit => cap > 0 ? cap * Math.Tanh(logit / cap) : logit)];
            int target = place < spelled.Length ? spelled[place] % 256 : 256;
            double logSumExp = LogSumExp(logits);
            loss += logSumExp - logits[target];
            double[] byLogit = [.. logits.Select((logit, symbol) => batch.GradientScale
                * (cap > 0 ? 1 - logit / cap * (logit / cap) : 1) * (Math.Exp(logit - logSumExp) - (symbol == target ? 1 : 0)))];
            double[] byState = [.. a.Select((value, column) => (1 - value * value) * byLogit.Select((slope, symbol) => slope * Element(symbols, symbol, column)).Sum())];
            places.Add((a, byState, byLogit));
        }

        return (loss, places);
    }

    private double[][] ByteCrossEntropyGradient(Node node)
    {
        int columns = node.Inputs[0].Shape.Columns;
        double[][] gradients = [new double[batch.Rows * columns], .. node.Inputs.Skip(1).Select(input => new double[input.Shape.Rows * columns])];
        for (int row = 0; row < batch.Rows; row++)
        {
            var places = ByteLoss(node, row).Places;
            for (int place = 0; place < places.Count; place++)
            {
                (double[] activation, double[] byState, double[] byLogit) = places[place];
                for (int column = 0; column < columns; column++)
                {
                    gradients[0][row * columns + column] += byState[column];
                    foreach (int before in batch.Spelling[batch.Targets[row]].Take(place))
                    {
                        gradients[1][before * columns + column] += byState[column];
                    }

                    for (int symbol = 0; symbol < byLogit.Length; symbol++)
                    {
                        gradients[2][symbol * columns + column] += byLogit[symbol] * activation[column];
                    }
                }
            }
        }

        return gradients;
    }

    private static double LogSumExp(double[] values)
    {
        double largest = values.Max();
        return largest + Math.Log(values.Sum(value => Math.Exp(value - largest)));
    }
}
