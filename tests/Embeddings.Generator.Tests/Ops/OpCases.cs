using Embeddings.Generator.Graph;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Tests.Ops;

/// <summary>
/// Every operation in a model of its own. A new operation of the graph needs a case here (a test fails until it has one), and its
/// definition in <see cref="GraphInterpreter"/>.
/// </summary>
internal static class OpCases
{
    public static readonly IReadOnlyList<OpCase> All =
    [
        // Element-wise, each with a gain, so that its gradient meets another one.
        new("Add", c => c.Graph.Add(c.X, c.Vector("Bias", c.Shape.Width))),
        new("Add: a row scalar", c => c.Graph.Multiply(c.Graph.Add(c.Graph.RowMean(c.X), c.X), Gain(c))),
        new("Add: a number", c => c.Graph.Multiply(c.Graph.Add(c.X, 0.7), Gain(c))),
        new("Subtract", c => c.Graph.Subtract(c.Vector("Bias", c.Shape.Width), c.Graph.Multiply(c.X, c.X))),
        new("Subtract: a row scalar", c => c.Graph.Multiply(c.Graph.Subtract(c.X, c.Graph.RowMean(c.X)), Gain(c))),
        new("Multiply", c => c.Graph.Multiply(c.X, Gain(c))),
        new("Multiply: itself", c => c.Graph.Multiply(c.Graph.Multiply(c.X, c.X), Gain(c))),
        new("Multiply: a row scalar", c => c.Graph.Multiply(c.Graph.Multiply(c.X, c.Graph.RowSum(c.X)), Gain(c))),
        new("Multiply: a number", c => c.Graph.Multiply(c.Graph.Multiply(c.X, -1.3), Gain(c))),
        new("Negate", c => c.Graph.Multiply(c.Graph.Unary(Op.Negate, c.X), Gain(c))),
        new("Exp", c => c.Graph.Multiply(c.Graph.Unary(Op.Exp, c.Graph.Multiply(c.X, 0.4)), Gain(c))),
        new("Log", c => c.Graph.Multiply(c.Graph.Unary(Op.Log, OnePlusSquare(c)), Gain(c))),
        new("Tanh", c => c.Graph.Multiply(c.Graph.Unary(Op.Tanh, c.X), Gain(c))),
        new("Sigmoid", c => c.Graph.Multiply(c.Graph.Unary(Op.Sigmoid, c.X), Gain(c))),
        new("ReciprocalSqrt", c => c.Graph.Multiply(c.Graph.Unary(Op.ReciprocalSqrt, OnePlusSquare(c)), Gain(c))),
        new("PositivePart", c => c.Graph.Multiply(c.Graph.Unary(Op.PositivePart, c.X), Gain(c))),
        new("Step", c => c.Graph.Multiply(c.Graph.Multiply(c.X, c.Graph.Unary(Op.Step, c.X)), Gain(c))),
        new("Broadcast", c => c.Graph.Multiply(c.Graph.Broadcast(c.Graph.RowSum(c.Graph.Multiply(c.X, c.X)), c.Shape.Width), Gain(c))),
        new("A parameter used twice", c => c.Graph.Multiply(c.Graph.Unary(Op.Tanh, c.Graph.Add(c.X, Gain(c))), Gain(c))),

        // Reductions and norms.
        new("RowSum", c => c.Graph.Multiply(c.Graph.RowSum(c.Graph.Multiply(c.X, Gain(c))), c.X)),
        new("RowSum: of a row sum", c => c.Graph.Multiply(
            c.Graph.RowSum(c.Graph.Multiply(c.X, c.Graph.RowSum(c.Graph.Multiply(c.X, Gain(c))))),
            c.Graph.Multiply(c.X, c.Vector("Other", c.Shape.Width)))),
        new("Normalize: without mean", c => c.Graph.Multiply(RmsNorm(c, c.X), Gain(c))),
        new("Normalize: with mean", c => c.Graph.Add(c.Graph.Multiply(LayerNorm(c, c.X), Gain(c)), c.Vector("Bias", c.Shape.Width))),
        new("Normalize: twice", c => c.Graph.Multiply(LayerNorm(c, c.Graph.Multiply(RmsNorm(c, c.X), Gain(c))), c.Vector("Outer", c.Shape.Width))),
        new("Normalize: of heads", c =>
        {
            Node product = c.Linear("Weight", c.X, c.Shape.Width);
            Node rows = c.Graph.Reshape(product, c.Shape.Heads, "Heads");
            return c.Graph.Reshape(c.Graph.Multiply(RmsNorm(c, rows), c.Vector("HeadGain", c.Shape.HeadWidth), "Normed"), 1, "Packed");
        }, Fits: shape => shape.HeadWidth > 1),

        // Movement.
        new("Slice and Concat", c =>
        {
            Node product = c.Linear("Weight", c.X, 2 * c.Shape.Hidden);
            Node left = c.Graph.Slice(product, 0, c.Shape.Hidden, "Left");
            Node right = c.Graph.Slice(product, c.Shape.Hidden, c.Shape.Hidden, "Right");
            return c.Linear("Out", c.Graph.Multiply(left, c.Graph.Unary(Op.Tanh, right), "Gated"), c.Shape.Width);
        }),
        new("Reshape", c =>
        {
            Node heads = c.Graph.Reshape(c.Linear("Weight", c.X, c.Shape.Width), c.Shape.Heads, "Heads");
            return c.Graph.Reshape(c.Graph.Multiply(c.Graph.Multiply(heads, heads), c.Vector("HeadGain", c.Shape.HeadWidth), "Scaled"), 1, "Packed");
        }, Fits: shape => shape.HeadWidth > 1),

        // Products.
        new("MatMul", c => c.Linear("Weight", c.X, c.Shape.Width)),
        new("MatMul: not transposed", c => c.Graph.MatMul(c.X, c.Matrix("Weight", c.Shape.Width, c.Shape.Width), false, false, "Product"),
            Fits: shape => shape.Width > 1),
        new("MatMul: bias and activation", c => c.Linear(
            "Down",
            c.Graph.Unary(Op.Tanh, c.Graph.Add(c.Linear("Up", c.X, c.Shape.Hidden), c.Vector("UpBias", c.Shape.Hidden), "Hidden"), "Activation"),
            c.Shape.Width)),
        new("MatMul: behind a norm", c => c.Linear(
            "Weight", c.Graph.Add(c.Graph.Multiply(LayerNorm(c, c.X), Gain(c)), c.Vector("Bias", c.Shape.Width), "Normed"), c.Shape.Width)),
        new("MatMul: behind a sum", c => c.Linear(
            "Second", c.Graph.Add(c.Linear("First", c.X, c.Shape.Width), c.Graph.Multiply(c.X, 0.5), "Sum"), c.Shape.Width)),
        new("MatMul: two biases", c => c.Graph.Unary(Op.Tanh, c.Graph.Add(
            c.Graph.Add(c.Linear("Weight", c.X, c.Shape.Width), c.Vector("Bias", c.Shape.Width)), c.Vector("OtherBias", c.Shape.Width), "Biased"))),
        new("MatMul: two weights of one input", c => c.Graph.Unary(
            Op.Tanh, c.Graph.Add(c.Linear("Weight", c.X, c.Shape.Width), c.Linear("Other", c.X, c.Shape.Width), "Both"))),
        new("MatMul: a product used twice", c =>
        {
            Node hidden = c.Linear("Up", c.X, c.Shape.Width);
            return c.Graph.Multiply(hidden, c.Graph.Unary(Op.Sigmoid, hidden), "Silu");
        }),
        new("MatMul: a weight used twice", c =>
        {
            Node once = c.Graph.Unary(Op.Tanh, c.Linear("Weight", c.X, c.Shape.Width), "Once");
            return c.Graph.MatMul(once, c.Matrix("Weight", c.Shape.Width, c.Shape.Width), false, true, "Twice");
        }, Fits: shape => shape.Width > 1),

        // Attention.
        new("Rotary", c => c.Graph.Multiply(c.Graph.Rotary(
            c.Linear("Weight", c.X, c.Shape.Width), new RotaryPayload(c.Shape.Heads, c.Shape.HeadWidth, false), "Rotated"), Gain(c)),
            Fits: shape => shape.HeadWidth % 2 == 0),
        new("Rotary: back", c => c.Graph.Multiply(c.Graph.Rotary(
            c.Linear("Weight", c.X, c.Shape.Width), new RotaryPayload(c.Shape.Heads, c.Shape.HeadWidth, true), "Rotated"), Gain(c)),
            Fits: shape => shape.HeadWidth % 2 == 0),
        new("Attention: packed", c => Attention(c, Packed(c))),
        new("Attention: rotated", c => Attention(c, Packed(c), rotates: true),
            Fits: shape => shape.HeadWidth % 2 == 0),
        new("Attention: three products", c => c.Graph.Attention(
            c.Linear("Query", c.X, c.Shape.Width),
            c.Linear("Key", c.X, c.Shape.Groups * c.Shape.HeadWidth),
            c.Linear("Value", c.X, c.Shape.Groups * c.Shape.HeadWidth),
            Payload(c), "Mixed").Output),
        new("Attention: keys are values", c =>
        {
            Node keys = c.Linear("Key", c.X, c.Shape.Groups * c.Shape.HeadWidth);
            return c.Graph.Attention(c.Linear("Query", c.X, c.Shape.Width), keys, keys, Payload(c), "Mixed").Output;
        }),
        new("StopGradient", c => c.Graph.Multiply(
            c.Graph.StopGradient(c.Linear("Stopped", c.X, c.Shape.Width), "Constant"), c.Graph.Multiply(c.X, Gain(c)))),
        new("StopGradient: queries", c => Attention(c, Packed(c), stops: 0)),
        new("StopGradient: keys", c => Attention(c, Packed(c), stops: 1)),
        new("StopGradient: values", c => Attention(c, Packed(c), stops: 2)),
        new("GeneralAttention: windows", c => Attention(
            c, Packed(c), windows: new EquatableArray<int>(Enumerable.Repeat(2, c.Shape.Layers)))),
        new("GeneralAttention: slopes", c => Attention(c, Packed(c), slopes: true)),
        new("GeneralAttention: both", c => Attention(
            c, Packed(c), windows: new EquatableArray<int>(Enumerable.Repeat(3, c.Shape.Layers)), slopes: true)),

        // The embedding's output beside the residual stream.
        new("InitialResidual", c => c.Graph.Multiply(c.Initial, c.Graph.Unary(Op.Tanh, c.Graph.Multiply(c.X, Gain(c))))),
        new("InitialResidual: a learned number", c => c.Graph.Add(
            c.Graph.Multiply(c.Initial, c.Vector("InitialFactor", 1)), c.Graph.Multiply(c.X, c.Vector("Factor", 1)), "Skip")),

        // Rows of tables.
        new("Gather", Embedding: c => c.Graph.Multiply(Table(c), c.Vector("Gain", c.Shape.Width))),
        new("Gather: two tables", Embedding: c => c.Graph.Add(
            Table(c), c.Graph.Gather(c.Matrix("Second", c.Shape.Vocabulary, c.Shape.Width), "SecondRows"), "Both")),
        new("Gather: numbers", Embedding: c => c.Graph.MatMul(
            c.Graph.Gather(c.Matrix("Codes", c.Shape.Vocabulary, 1), "Codes"), c.Matrix("Projection", c.Shape.Width, 1), false, true, "Rows")),
        new("Gather: numbers as factors", Embedding: c => c.Graph.Multiply(
            Table(c), c.Graph.Add(c.Graph.Gather(c.Matrix("Factors", c.Shape.Vocabulary, 1), "Factors"), 0.3))),
        new("TokenPlace", Embedding: c => c.Graph.Add(
            c.Graph.Multiply(Table(c), c.Graph.TokenPlace(new TokenPlacePayload(0, OpShape.BytesRead, true), "Share")),
            c.Graph.Multiply(
                c.Graph.Gather(c.Matrix("Second", OpShape.SpellingRows + 245, c.Shape.Width), "SecondBytes", IdsPayload.Byte(1)),
                c.Graph.TokenPlace(new TokenPlacePayload(1, OpShape.BytesRead, false), "Exists")), "Placed")),
        new("Gather: beside a part of a product", Embedding: c =>
        {
            Node packed = c.Linear("Packed", Table(c), 2 * c.Shape.Width);
            Node left = c.Graph.Add(
                c.Graph.Slice(packed, 0, c.Shape.Width, "Left"), c.Graph.Gather(c.Matrix("Second", c.Shape.Vocabulary, c.Shape.Width), "SecondRows"));
            return c.Graph.Multiply(c.Graph.Unary(Op.Tanh, left), c.Graph.Slice(packed, c.Shape.Width, c.Shape.Width, "Right"));
        }),
        new("PositionRows", Embedding: c => c.Graph.Add(
            Table(c), c.Graph.PositionRows(c.Matrix("Positions", c.Shape.Context, c.Shape.Width), "PositionRows"), "Placed"),
            Fits: shape => shape.Context > 1),
        new("GatherSum", Embedding: c => c.Graph.GatherSum(c.Matrix("Composition", OpShape.SpellingRows, c.Shape.Width), "Rows")),
        new("GatherSum: normalised", Embedding: c => RmsNorm(
            c, c.Graph.GatherSum(c.Matrix("Composition", OpShape.SpellingRows, c.Shape.Width), "Rows"))),
        new("GatherSum: and a table", Embedding: c => c.Graph.Add(
            Table(c), c.Graph.GatherSum(c.Matrix("Composition", OpShape.SpellingRows, c.Shape.Width), "Rows"), "Both")),

        // The head.
        new("LinearCrossEntropy", Head: c => c.CrossEntropy(
            c.Graph.Multiply(c.X, Gain(c)), c.Matrix("Weight", c.Shape.Vocabulary, c.Shape.Width), 0)),
        new("LinearCrossEntropy: soft cap", Head: c => c.CrossEntropy(
            c.Graph.Multiply(c.X, Gain(c)), c.Matrix("Weight", c.Shape.Vocabulary, c.Shape.Width), 1.5)),
        new("ByteCrossEntropy", Head: c => SaidAsBytes(c, 0)),
        new("ByteCrossEntropy: soft cap", Head: c => SaidAsBytes(c, 1.5)),
    ];

    private static Node SaidAsBytes(OpContext c, double cap) => c.Graph.ByteCrossEntropy(
        c.Linear("State", c.X, c.Shape.Hidden), c.Matrix("Prefix", OpShape.SpellingRows, c.Shape.Hidden), c.Matrix("Symbols", 257, c.Shape.Hidden),
        new CrossEntropyPayload(cap), "Losses");

    private static Node Gain(OpContext c) => c.Vector("Gain", c.Shape.Width);

    private static Node Table(OpContext c) => c.Graph.Gather(c.Matrix("Table", c.Shape.Vocabulary, c.Shape.Width), "Rows");

    private static Node OnePlusSquare(OpContext c) => c.Graph.Add(c.Graph.Multiply(c.X, c.X), 1);

    private static Node RmsNorm(OpContext c, Node x) => c.Graph.Normalize(
        x, null, c.Graph.Unary(Op.ReciprocalSqrt, c.Graph.Add(c.Graph.RowMean(c.Graph.Multiply(x, x)), 1e-3), "Scale"), "Normalized");

    private static Node LayerNorm(OpContext c, Node x)
    {
        Node mean = c.Graph.RowMean(x, "Mean");
        Node centred = c.Graph.Subtract(x, mean);
        Node variance = c.Graph.RowMean(c.Graph.Multiply(centred, centred));
        return c.Graph.Normalize(x, mean, c.Graph.Unary(Op.ReciprocalSqrt, c.Graph.Add(variance, 1e-2), "CentredScale"), "Centred");
    }

    private static AttentionPayload Payload(OpContext c) =>
        new(c.Shape.Heads, c.Shape.Groups, c.Shape.HeadWidth, 1 / Math.Sqrt(c.Shape.HeadWidth));

    private static Node Packed(OpContext c) => c.Linear("Weight", c.X, (c.Shape.Heads + 2 * c.Shape.Groups) * c.Shape.HeadWidth);

    private static Node Attention(
        OpContext c, Node packed, bool rotates = false, int? stops = null, EquatableArray<int> windows = default, bool slopes = false)
    {
        int keys = c.Shape.Groups * c.Shape.HeadWidth;
        Node q = c.Graph.Slice(packed, 0, c.Shape.Width, "Query");
        Node k = c.Graph.Slice(packed, c.Shape.Width, keys, "Key");
        Node v = c.Graph.Slice(packed, c.Shape.Width + keys, keys, "Value");
        if (rotates)
        {
            q = c.Graph.Rotary(q, new RotaryPayload(c.Shape.Heads, c.Shape.HeadWidth, false), "RotatedQuery");
            k = c.Graph.Rotary(k, new RotaryPayload(c.Shape.Groups, c.Shape.HeadWidth, false), "RotatedKey");
        }

        Node[] inputs = [.. new[] { q, k, v }.Select((input, i) => i == stops ? c.Graph.StopGradient(input, input.Name + ".Constant") : input)];
        return c.Graph.Attention(inputs[0], inputs[1], inputs[2], Payload(c) with { Windows = windows, Slopes = slopes }, "Mixed").Output;
    }
}
