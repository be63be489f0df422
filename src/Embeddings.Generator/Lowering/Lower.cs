using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Lowering;

/// <summary>Writes a declared model as forward graphs: the architecture in one place, as a formula a reader can check.</summary>
internal sealed class Lower
{
    private const double NormEpsilon = 1e-5;
    private const double EmbeddingDeviation = 0.02;

    /// <summary>The 256 bytes and the end of a token.</summary>
    private const int ByteSymbols = 257;

    /// <summary>Of the vectors that a decoder of bytes adds to its state, so that those of a few bytes are together as large as it.</summary>
    private const double PrefixDeviation = 0.3;

    private readonly ModelSpec _spec;
    private readonly ArchitectureSpec _shape;
    private readonly ParameterTable _parameters = new();

    private Lower(ModelSpec spec)
    {
        _spec = spec;
        _shape = spec.Architecture;
    }

    public static LoweredModel Run(ModelSpec spec)
    {
        var lower = new Lower(spec);
        return new LoweredModel(spec, lower._parameters, lower.Embedding(), lower.Block(), lower.Head());
    }

    /// <summary>Ids → residual stream.</summary>
    private Stage Embedding()
    {
        var graph = new GraphBuilder();
        Node rows = Rows(graph);
        Node residual = _shape.EmbeddingNorm ? Normalize(graph, rows, "Normalized") : rows;
        if (_shape.Positions == PositionKind.Learned)
        {
            Node positions = Use(
                graph, "Embedding.Positions", _shape.Context, _shape.Width, InitialValue.Normal(EmbeddingDeviation), ParameterGroup.Body);
            residual = graph.Add(residual, graph.PositionRows(positions, "PositionRows"), "Residual");
        }

        return new Stage("Embedding", 1, graph, null, residual)
        {
            FeedsEveryLayer = _shape.InputSkip,
            GradientCapture = Captures(CapturePoints.EmbeddingGradient) ? rows : null,
        };
    }

    /// <summary>The row of each position, of the declared kind, with the rows of n-grams, a second table and suffixes added.</summary>
    private Node Rows(GraphBuilder graph)
    {
        var parts = new List<Node>
        {
            _shape.InputEmbedding switch
            {
                EmbeddingKind.Table or EmbeddingKind.FrozenRandom or EmbeddingKind.FrozenBinary => graph.Gather(InputTable(graph), "Rows"),
                EmbeddingKind.LowRank => LowRankRows(graph),
                EmbeddingKind.Recurrent => FromHidden(graph, Recurrence(graph)),
                EmbeddingKind.Convolutional => FromHidden(graph, Convolution(graph)),
                EmbeddingKind.TableAndComposed => graph.Add(
                    graph.Gather(InputTable(graph), "TableRows"), graph.GatherSum(Composition(graph), "ComposedRows"), "Rows"),
                _ => graph.GatherSum(Composition(graph), "Rows"),
            },
        };
        for (int order = 2; order <= _shape.NgramOrder; order++)
        {
            string name = "Ngrams" + order.ToString(CultureInfo.InvariantCulture);
            Node table = InputRows(graph, $"Embedding.{name}.Table", _shape.NgramRows, InitialValue.Zeros);
            parts.Add(graph.Gather(table, name + "Rows", IdsPayload.Ngrams(order)));
        }

        if (_shape.SecondVocabulary > 0)
        {
            Node table = InputRows(graph, "Embedding.Second.Table", _shape.SecondVocabulary, InitialValue.Zeros);
            parts.Add(graph.Gather(table, "SecondRows", new IdsPayload(IdsPayload.Second)));
        }

        if (_shape.SuffixVocabulary > 0)
        {
            Node table = InputRows(graph, "Embedding.Suffixes.Table", _shape.SuffixVocabulary, InitialValue.Zeros);
            parts.Add(graph.Gather(table, "SuffixRows", new IdsPayload(IdsPayload.Suffixes)));
        }

        return parts.Skip(1).Aggregate(parts[0], (sum, part) => graph.Add(sum, part, part == parts[parts.Count - 1] ? "AllRows" : ""));
    }

    /// <summary>Codes [R, r] times [C, r]ᵀ; the product has the deviation of a table's rows.</summary>
    private Node LowRankRows(GraphBuilder graph)
    {
        Node codes = Use(
            graph, "Embedding.Codes", InputVocabulary, _shape.Rank, InitialValue.Normal(EmbeddingDeviation), ParameterGroup.InputEmbedding,
            frozen: Routes.Table == TableGradient.None);
        Node projection = Use(
            graph, "Embedding.Projection", _shape.Width, _shape.Rank, InitialValue.Normal(1 / Math.Sqrt(_shape.Rank)),
            ParameterGroup.InputEmbedding, frozen: Routes.Table == TableGradient.None);
        return graph.MatMul(graph.Gather(codes, "Codes"), projection, false, true, "Rows");
    }

    /// <summary>
    /// The last state h of a gated recurrent unit over the bytes: with x the byte's vectors and s = h·Uᵀ, each in three parts,
    /// h ← n + u·(h − n), where u = σ(xᵤ + sᵤ), n = tanh(xₙ + σ(xᵣ + sᵣ)·sₙ). Behind the token's last byte h stays as it is.
    /// </summary>
    private Node Recurrence(GraphBuilder graph)
    {
        int width = _shape.HiddenWidth;
        Node[] bytes = [.. new[] { "Reset", "Update", "Candidate" }.Select(part => ByteVectors(graph, "Embedding.Recurrence." + part))];
        Node weight = Use(
            graph, "Embedding.Recurrence.Weight", 3 * width, width, Weights(width, width), ParameterGroup.InputEmbedding, RowsAreFrozen);

        // Before the first byte h is 0, and the reset of nothing has no effect.
        Node state = graph.Multiply(
            graph.Subtract(graph.Constant(1), graph.Unary(Op.Sigmoid, At(1, 0))), graph.Unary(Op.Tanh, At(2, 0)), "Recurrence1.State");
        for (int place = 1; place < _shape.BytesRead; place++)
        {
            string name = "Recurrence" + (place + 1).ToString(CultureInfo.InvariantCulture);
            Node packed = graph.MatMul(state, weight, false, true, name + ".Product");
            Node reset = graph.Unary(Op.Sigmoid, graph.Add(graph.Slice(packed, 0, width, name + ".ResetPart"), At(0, place)));
            Node update = graph.Unary(Op.Sigmoid, graph.Add(graph.Slice(packed, width, width, name + ".UpdatePart"), At(1, place)));
            Node candidate = graph.Unary(
                Op.Tanh, graph.Add(graph.Multiply(reset, graph.Slice(packed, 2 * width, width, name + ".CandidatePart")), At(2, place)));
            Node next = graph.Add(candidate, graph.Multiply(update, graph.Subtract(state, candidate)));
            Node exists = graph.TokenPlace(new TokenPlacePayload(place, _shape.BytesRead, false), name + ".Exists");
            state = graph.Add(state, graph.Multiply(graph.Subtract(next, state), exists), name + ".State");
        }

        return state;

        Node At(int part, int place) => graph.Gather(bytes[part], "", IdsPayload.Byte(place));
    }

    /// <summary>Σ over the places of tanh(k₋[byte before] + k₀[byte] + k₊[byte behind]), over √(bytes read); 256 is the end on either side.</summary>
    private Node Convolution(GraphBuilder graph)
    {
        Node[] taps = [.. new[] { "Before", "At", "Behind" }.Select(part => ByteVectors(graph, "Embedding.Convolution." + part))];
        Node? sum = null;
        for (int place = 0; place < _shape.BytesRead; place++)
        {
            Node inner = graph.Add(graph.Add(At(0, place - 1), At(1, place)), At(2, place + 1));
            Node share = graph.TokenPlace(
                new TokenPlacePayload(place, _shape.BytesRead, true), "Share" + (place + 1).ToString(CultureInfo.InvariantCulture));
            Node term = graph.Multiply(graph.Unary(Op.Tanh, inner), share);
            sum = sum is null ? term : graph.Add(sum, term, place == _shape.BytesRead - 1 ? "Convolution" : "");
        }

        return sum!;

        Node At(int tap, int place) => graph.Gather(taps[tap], "", IdsPayload.Byte(place));
    }

    /// <summary>A learned vector for each byte and for the end.</summary>
    private Node ByteVectors(GraphBuilder graph, string name) => Use(
        graph, name, ByteSymbols, _shape.HiddenWidth, InitialValue.Normal(1 / Math.Sqrt(3)), ParameterGroup.InputEmbedding, RowsAreFrozen);

    /// <summary>Rows of a table's deviation, from hidden values that are normalised first.</summary>
    private Node FromHidden(GraphBuilder graph, Node hidden)
    {
        Node projection = Use(
            graph, "Embedding.Projection", _shape.Width, _shape.HiddenWidth, InitialValue.Normal(EmbeddingDeviation / Math.Sqrt(_shape.HiddenWidth)),
            ParameterGroup.InputEmbedding, RowsAreFrozen);
        return graph.MatMul(RmsNormalize(graph, hidden, "Hidden.Normalized", "Hidden"), projection, false, true, "Rows");
    }

    /// <summary>Whether the routes leave the input rows untrained.</summary>
    private bool RowsAreFrozen => Routes.Table == TableGradient.None;

    private Node Composition(GraphBuilder graph) =>
        InputRows(graph, "Embedding.Composition", SpellingRows, InitialValue.Normal(RowDeviation));

    private Node InputRows(GraphBuilder graph, string name, int rows, InitialValue initial) => Use(
        graph, name, rows, _shape.Width, initial, ParameterGroup.InputEmbedding, frozen: Routes.Table == TableGradient.None);

    /// <summary>The deviation of each of the parts that a row is the sum of.</summary>
    private double RowDeviation =>
        _shape.InputEmbedding == EmbeddingKind.TableAndComposed ? EmbeddingDeviation / Math.Sqrt(2) : EmbeddingDeviation;

    private int InputVocabulary => _shape.InputVocabulary > 0 ? _shape.InputVocabulary : _spec.Tokenizer.VocabularySize;

    /// <summary>x + Attention(Norm(x)), then x + FeedForward(Norm(x)); with a skip, of λ·x + μ·x₀.</summary>
    private Stage Block()
    {
        var graph = new GraphBuilder();
        Node input = graph.StageInput(_shape.Width, "Residual");
        Node? initial = _shape.InputSkip ? graph.InitialResidual(_shape.Width, "Initial") : null;
        Node x = initial is null
            ? input
            : graph.Add(
                graph.Multiply(input, UseVector(graph, "Block.InputSkip.Residual", 1, InitialValue.Ones)),
                graph.Multiply(initial, UseVector(graph, "Block.InputSkip.Initial", 1, InitialValue.Zeros)),
                "InputSkip");
        Node attended = graph.Add(
            x, graph.Multiply(Attention(graph, Norm(graph, x, "Attention.Norm")), _shape.ResidualScale), "Attention.Residual");
        Node output = graph.Add(
            attended, graph.Multiply(FeedForward(graph, Norm(graph, attended, "FeedForward.Norm")), _shape.ResidualScale), "FeedForward.Residual");
        return new Stage("Block", _shape.Layers, graph, input, output) { Initial = initial };
    }

    /// <summary>Residual stream → losses.</summary>
    private Stage Head()
    {
        var graph = new GraphBuilder();
        Node input = graph.StageInput(_shape.Width, "Residual");
        Node normalized = Norm(graph, input, "Head.Norm");
        Node losses = Losses(graph, normalized, new CrossEntropyPayload(_shape.LogitSoftCap), "Losses");
        return new Stage("Head", 1, graph, input, losses)
        {
            FurtherLosses = [.. _shape.FutureWeights.Select((weight, index) => FurtherLosses(graph, input, index + 1, weight))],
            Captures = Captures(CapturePoints.Logits) ? [new Capture(CapturePoints.Logits, Logits(graph, normalized))] : [],
        };
    }

    /// <summary>Losses of the targets further ahead: a part of their own, a norm, and the head's matrix.</summary>
    private Node FurtherLosses(GraphBuilder graph, Node x, int ahead, double weight)
    {
        string part = "Future" + ahead.ToString(CultureInfo.InvariantCulture);
        Node own = _shape.FutureHead == FutureHeadKind.FeedForward
            ? FeedForward(graph, Norm(graph, x, part + ".FeedForward.Norm"), part + ".FeedForward")
            : Linear(graph, x, _shape.Width, part + ".Projection", Weights(_shape.Width, _shape.Width));
        Node normalized = Norm(graph, graph.Add(x, own, part + ".Residual"), part + ".Norm");
        return Losses(graph, normalized, new CrossEntropyPayload(_shape.LogitSoftCap, ahead, weight), part + ".Losses");
    }

    /// <summary>The losses of a normalised state: of a token as a whole, or as its bytes.</summary>
    private Node Losses(GraphBuilder graph, Node x, CrossEntropyPayload payload, string name)
    {
        if (_shape.Head != HeadKind.Bytes)
        {
            return graph.LinearCrossEntropy(x, HeadMatrix(graph), payload, name);
        }

        int width = _shape.DecoderWidth;
        Node projection = Use(graph, "Head.State.Weight", width, _shape.Width, Weights(_shape.Width, width), ParameterGroup.OutputHead);
        Node prefix = Use(
            graph, "Head.Prefix", 256 * _shape.DecoderPositions, width, InitialValue.Normal(PrefixDeviation), ParameterGroup.OutputHead);
        Node symbols = Use(graph, "Head.Symbols", ByteSymbols, width, Weights(width, ByteSymbols), ParameterGroup.OutputHead);
        string state = name.Substring(0, name.Length - "Losses".Length) + (name == "Losses" ? "Head.State" : "State");
        return graph.ByteCrossEntropy(graph.MatMul(x, projection, false, true, state), prefix, symbols, payload, name);
    }

    /// <summary>The matrix that gives a logit for every token.</summary>
    private Node HeadMatrix(GraphBuilder graph) => _shape.Head == HeadKind.Tied
        ? InputTable(graph)
        : Use(graph, "Head.Weight", _spec.Tokenizer.VocabularySize, _shape.Width, Weights(_shape.Width, _spec.Tokenizer.VocabularySize), ParameterGroup.OutputHead);

    /// <summary>What the loss reads: the product, under the soft cap.</summary>
    private Node Logits(GraphBuilder graph, Node x)
    {
        double cap = _shape.LogitSoftCap;
        Node product = graph.MatMul(x, HeadMatrix(graph), false, true, cap > 0 ? "Head.Products" : "Head.Logits");
        return cap > 0
            ? graph.Multiply(graph.Unary(Op.Tanh, graph.Multiply(product, 1 / cap)), cap, "Head.Logits")
            : product;
    }

    private bool Captures(CapturePoints point) => (_spec.Captures & point) != 0;

    private int SpellingRows => _shape.InputEmbedding == EmbeddingKind.ByteSum ? 256 : 256 * _shape.SpellingPositions;

    private Node InputTable(GraphBuilder graph) => Use(
        graph, "Embedding.Table", InputVocabulary, _shape.Width,
        _shape.InputEmbedding == EmbeddingKind.FrozenBinary ? InitialValue.BinaryCode(EmbeddingDeviation) : InitialValue.Normal(RowDeviation),
        ParameterGroup.InputEmbedding,
        frozen: _shape.InputEmbedding is EmbeddingKind.FrozenRandom or EmbeddingKind.FrozenBinary || Routes.Table == TableGradient.None);

    private Node Attention(GraphBuilder graph, Node x)
    {
        int width = _shape.HeadWidth;
        int queries = _shape.Heads * width;
        int keys = _shape.KeyValueHeads * width;
        Node packed = Linear(graph, x, queries + 2 * keys, "Attention.QueryKeyValue", Weights(_shape.Width, queries + 2 * keys));
        Node q = graph.Slice(packed, 0, queries, "Attention.Query");
        Node k = graph.Slice(packed, queries, keys, "Attention.Key");
        Node v = graph.Slice(packed, queries + keys, keys, "Attention.Value");
        if (_shape.QueryKeyNorm)
        {
            q = HeadNorm(graph, q, _shape.Heads, "Attention.QueryNorm");
            k = HeadNorm(graph, k, _shape.KeyValueHeads, "Attention.KeyNorm");
        }

        if (_shape.Positions == PositionKind.Rotary)
        {
            q = graph.Rotary(q, new RotaryPayload(_shape.Heads, width, false), "Attention.RotatedQuery");
            k = graph.Rotary(k, new RotaryPayload(_shape.KeyValueHeads, width, false), "Attention.RotatedKey");
        }

        v = _shape.ValueTables.Count > 0 ? WithValueRows(graph, v) : v;
        q = Stop(graph, q, Routes.StopQueries);
        k = Stop(graph, k, Routes.StopKeys);
        v = Stop(graph, v, Routes.StopValues);
        var payload = new AttentionPayload(_shape.Heads, _shape.KeyValueHeads, width, 1 / Math.Sqrt(width), Windows, _shape.Positions == PositionKind.Alibi);
        Node mixed = graph.Attention(q, k, v, payload, "Attention.Mixed").Output;
        return Linear(graph, mixed, _shape.Width, "Attention.Output", ResidualWeights(queries, _shape.Width));
    }

    /// <summary>v + λ·e, with e the token's row in the table of the layer.</summary>
    private Node WithValueRows(GraphBuilder graph, Node v)
    {
        Node table = UseValues(graph, "Table", Shape.Matrix(InputVocabulary, v.Shape.Columns), ParameterGroup.InputEmbedding, InitialValue.Zeros);
        Node scale = UseValues(graph, "Scale", Shape.Vector(1), ParameterGroup.Body, InitialValue.Ones);
        return graph.Add(v, graph.Multiply(graph.Gather(table, "Attention.ValueRows"), scale), "Attention.ValueWithRows");
    }

    /// <summary>A parameter of the layers that have value rows.</summary>
    private Node UseValues(GraphBuilder graph, string name, Shape shape, ParameterGroup group, InitialValue initial)
    {
        int copies = _shape.ValueTables.Count(table => table >= 0);
        return _parameters.Use(graph, new ParameterSpec("Block.ValueEmbedding." + name, shape, copies, group, initial, false)
        {
            CopyOfLayer = copies < _shape.Layers ? _shape.ValueTables : default,
        });
    }

    /// <summary>Positions that a query sees in each layer: as declared, or without forward mixing itself.</summary>
    private EquatableArray<int> Windows =>
        Routes.ForwardMixing ? _shape.Windows : new EquatableArray<int>(Enumerable.Repeat(1, _shape.Layers));

    private static Node Stop(GraphBuilder graph, Node x, bool stops) => stops ? graph.StopGradient(x, x.Name + ".Constant") : x;

    /// <summary>The declared feed-forward sub-layer.</summary>
    /// <param name="name">Its place in the model: of the block, or of a further target.</param>
    private Node FeedForward(GraphBuilder graph, Node x, string name = "FeedForward")
    {
        int hidden = _shape.FeedForwardWidth;
        Node activation;
        if (_shape.FeedForward == FeedForwardKind.SwiGlu)
        {
            Node packed = Linear(graph, x, 2 * hidden, name + ".GateUp", Weights(_shape.Width, hidden));
            Node gate = graph.Slice(packed, 0, hidden, name + ".Gate");
            Node up = graph.Slice(packed, hidden, hidden, name + ".Up");
            Node silu = graph.Multiply(gate, graph.Unary(Op.Sigmoid, gate));
            activation = graph.Multiply(silu, up, name + ".Activation");
        }
        else
        {
            Node up = Linear(graph, x, hidden, name + ".Up", Weights(_shape.Width, hidden));
            activation = _shape.FeedForward == FeedForwardKind.Gelu ? Gelu(graph, up, name) : SquaredRelu(graph, up, name);
        }

        return Linear(graph, activation, _shape.Width, name + ".Down", ResidualWeights(hidden, _shape.Width));
    }

    /// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))).</summary>
    private static Node Gelu(GraphBuilder graph, Node x, string name)
    {
        Node square = graph.Multiply(x, x);
        Node inner = graph.Multiply(x, graph.Add(graph.Multiply(square, 0.044715 * Math.Sqrt(2 / Math.PI)), Math.Sqrt(2 / Math.PI)));
        Node gate = graph.Add(graph.Multiply(graph.Unary(Op.Tanh, inner), 0.5), 0.5);
        return graph.Multiply(x, gate, name + ".Activation");
    }

    private static Node SquaredRelu(GraphBuilder graph, Node x, string name)
    {
        Node positive = graph.Unary(Op.PositivePart, x);
        return graph.Multiply(positive, positive, name + ".Activation");
    }

    private Node Norm(GraphBuilder graph, Node x, string name)
    {
        Node normalized = Normalize(graph, x, name + ".Normalized");
        string place = Place(name);
        bool biased = _shape.Norm == NormKind.LayerNorm && _shape.Biases;
        Node scaled = graph.Multiply(normalized, Vector(graph, place + ".Gain", InitialValue.Ones), biased ? "" : name);
        return biased ? graph.Add(scaled, Vector(graph, place + ".Bias", InitialValue.Zeros), name) : scaled;

        Node Vector(GraphBuilder builder, string parameter, InitialValue initial) =>
            UseVector(builder, parameter, x.Shape.Columns, initial);
    }

    /// <summary>Normalisation without gain, by the declared kind.</summary>
    private Node Normalize(GraphBuilder graph, Node x, string name)
    {
        string statistics = name.EndsWith(".Normalized", StringComparison.Ordinal)
            ? name.Substring(0, name.Length - ".Normalized".Length)
            : name;
        if (_shape.Norm == NormKind.RmsNorm)
        {
            return RmsNormalize(graph, x, name, statistics);
        }

        Node mean = graph.RowMean(x, statistics + ".Mean");
        Node centred = graph.Subtract(x, mean);
        Node variance = graph.RowMean(graph.Multiply(centred, centred));
        Node scale = graph.Unary(Op.ReciprocalSqrt, graph.Add(variance, NormEpsilon), statistics + ".Scale");
        return graph.Normalize(x, mean, scale, name);
    }

    private static Node RmsNormalize(GraphBuilder graph, Node x, string name, string statistics)
    {
        Node square = graph.RowMean(graph.Multiply(x, x));
        Node scale = graph.Unary(Op.ReciprocalSqrt, graph.Add(square, NormEpsilon), statistics + ".Scale");
        return graph.Normalize(x, null, scale, name);
    }

    /// <summary>RMSNorm over each head's channels, with a gain shared by the heads.</summary>
    private Node HeadNorm(GraphBuilder graph, Node x, int heads, string name)
    {
        Node rows = graph.Reshape(x, heads, name + ".Heads");
        Node gain = UseVector(graph, "Block." + name + ".Gain", _shape.HeadWidth, InitialValue.Ones);
        Node scaled = graph.Multiply(RmsNormalize(graph, rows, name + ".Normalized", name), gain, name);
        return graph.Reshape(scaled, 1, name + ".Packed");
    }

    /// <summary>x·Wᵀ (+ b), W [out, in].</summary>
    private Node Linear(GraphBuilder graph, Node x, int outputs, string name, InitialValue initial)
    {
        Node weight = Use(graph, Place(name) + ".Weight", outputs, x.Shape.Columns, initial, ParameterGroup.Body);
        Node product = graph.MatMul(x, weight, false, true, _shape.Biases ? name + ".Product" : name);
        return _shape.Biases
            ? graph.Add(product, UseVector(graph, Place(name) + ".Bias", outputs, InitialValue.Zeros), name)
            : product;
    }

    /// <summary>The name of a part in the table of parameters.</summary>
    private static string Place(string name) =>
        name.StartsWith("Head", StringComparison.Ordinal) || name.StartsWith("Future", StringComparison.Ordinal) ? name : "Block." + name;

    private InitialValue Weights(int fanIn, int fanOut) => WeightStart.Of(_shape.Initialization, fanIn, fanOut);

    private InitialValue ResidualWeights(int fanIn, int fanOut) =>
        WeightStart.OfResidual(_shape.Initialization, fanIn, fanOut, _shape.Layers);

    private Node UseVector(GraphBuilder graph, string name, int columns, InitialValue initial) =>
        _parameters.Use(graph, new ParameterSpec(name, Shape.Vector(columns), LayersOf(name), ParameterGroup.Body, initial, false));

    private Node Use(
        GraphBuilder graph, string name, int rows, int columns, InitialValue initial, ParameterGroup group, bool frozen = false) =>
        _parameters.Use(graph, new ParameterSpec(name, Shape.Matrix(rows, columns), LayersOf(name), group, initial, frozen)
        {
            StopsAfter = group == ParameterGroup.InputEmbedding ? Routes.TableStopsAfter : 0,
            SharesUntil = group == ParameterGroup.OutputHead ? _shape.UntiesAfter : 0,
        });

    private RoutesSpec Routes => _spec.Routes;

    private int LayersOf(string name) => name.StartsWith("Block.", StringComparison.Ordinal) ? _shape.Layers : 1;
}
