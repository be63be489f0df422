using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

public sealed class CaptureTests
{
    private const int Batch = 2;

    public static TheoryData<string> Captured => [nameof(WithCaptures), nameof(WithPlainCaptures), nameof(WithCapturesAndRoute)];

    /// <summary>The rows' gradients, each added to its token, are what the whole gradient puts into the table.</summary>
    [Theory]
    [InlineData(nameof(WithCaptures))]
    [InlineData(nameof(WithPlainCaptures))]
    public void The_embedding_gradient_scattered_by_token_is_the_gradient_of_the_table(string name)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = Create(name, pool, out int[] tokens, out int[] targets);
        model.Backpropagate(tokens, targets, 0.25);
        int width = model.Description.Architecture.Width;
        ReadOnlySpan<double> rows = model.Captured(CapturePoints.EmbeddingGradient);
        ParameterBlock table = model.Description.Parameters.Single(block => block.Name == "Embedding.Table");
        double[] expected = new double[table.Count];
        for (int row = 0; row < tokens.Length; row++)
        {
            for (int column = 0; column < width; column++)
            {
                expected[tokens[row] * width + column] += rows[row * width + column];
            }
        }

        ShouldBeClose(expected, model.Gradients.Slice(table.Offset, (int)table.Count));
        Assert.Contains(expected, value => Math.Abs(value) > 1e-4);
    }

    /// <summary>One call for a target gives its gradient on every embedding: none on later ones, and over all targets the whole.</summary>
    [Theory]
    [MemberData(nameof(Captured))]
    public void Weights_take_the_gradient_of_one_target_apart(string name)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = Create(name, pool, out int[] tokens, out int[] targets);
        int context = model.Description.Architecture.Context;
        int width = model.Description.Architecture.Width;
        model.Backpropagate(tokens, targets, 1);
        double[] whole = model.Captured(CapturePoints.EmbeddingGradient).ToArray();
        double[] sum = new double[whole.Length];
        for (int j = 0; j < tokens.Length; j++)
        {
            double[] weights = new double[tokens.Length];
            weights[j] = 1;
            model.Backpropagate(tokens, targets, weights);
            ReadOnlySpan<double> rows = model.Captured(CapturePoints.EmbeddingGradient);
            for (int i = 0; i < tokens.Length; i++)
            {
                ReadOnlySpan<double> row = rows.Slice(i * width, width);
                bool reaches = targets[j] >= 0 && i <= j && i / context == j / context;
                Assert.Equal(reaches, row.ContainsAnyExcept(0.0));
            }

            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += rows[i];
            }
        }

        ShouldBeClose(whole, sum);
    }

    [Theory]
    [InlineData(nameof(WithCaptures))]
    [InlineData(nameof(WithPlainCaptures))]
    public void Weights_multiply_the_gradient_of_their_losses_and_leave_the_losses(string name)
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(name, pool, out int[] tokens, out int[] targets);
        var random = new RandomStream(3, "weights");
        double[] weights = [.. targets.Select(_ => random.NextNormal())];
        model.Backpropagate(tokens, targets, weights);
        double[] gradients = model.Gradients.Slice(0, (int)model.Gradients.Length).ToArray();
        double[] losses = model.Losses.Slice(0, model.Tokens).ToArray();
        model.Gradients.Clear();
        for (int j = 0; j < targets.Length; j++)
        {
            model.Backpropagate(tokens, [.. targets.Select((target, row) => row == j ? target : -1)], weights[j]);
        }

        ShouldBeClose(gradients, model.Gradients.Slice(0, (int)model.Gradients.Length));
        model.Backpropagate(tokens, targets, 1);
        Assert.Equal(losses, model.Losses.Slice(0, model.Tokens).ToArray());
    }

    [Theory]
    [MemberData(nameof(Captured))]
    public void Logits_are_those_that_the_loss_and_the_prediction_read(string name)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = Create(name, pool, out int[] tokens, out int[] targets);
        model.Evaluate(tokens, targets);
        int vocabulary = model.Description.VocabularySize;
        double[] logits = model.Captured(CapturePoints.Logits).ToArray();
        double[] predicted = new double[vocabulary];
        for (int row = 0; row < tokens.Length; row += 5)
        {
            double[] own = logits[(row * vocabulary)..((row + 1) * vocabulary)];
            model.Predict(tokens, row, predicted);
            ShouldBeClose(predicted, own);
            if (targets[row] >= 0)
            {
                double loss = Math.Log(own.Sum(Math.Exp)) - own[targets[row]];
                model.Evaluate(tokens, targets);
                Assert.Equal(loss, model.Losses.Slice(row, 1)[0], 1e-12);
            }
        }
    }

    [Fact]
    public void States_are_the_residual_stream_that_enters_each_layer()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(nameof(WithPlainCaptures), pool, out int[] tokens, out int[] targets);
        model.Evaluate(tokens, targets);
        int width = model.Description.Architecture.Width;
        ParameterBlock table = model.Description.Parameters.Single(block => block.Name == "Embedding.Table");
        ParameterBlock positions = model.Description.Parameters.Single(block => block.Name == "Embedding.Positions");
        ReadOnlySpan<double> first = model.Captured(CapturePoints.States, 0);
        for (int row = 0; row < tokens.Length; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double expected = model.Parameters.Slice(table.Offset + tokens[row] * width + column, 1)[0]
                    + model.Parameters.Slice(positions.Offset + row % model.Description.Architecture.Context * width + column, 1)[0];
                Assert.Equal(expected, first[row * width + column], 1e-14);
            }
        }

        // A changed layer moves the states after it and none before.
        double[][] before = [.. Enumerable.Range(0, 4).Select(layer => model.Captured(CapturePoints.States, layer).ToArray())];
        ParameterBlock bias = model.Description.Parameters.Single(block => block.Name == "Block.FeedForward.Down.Bias");
        model.Parameters.Slice(bias.LayerOffset(1), 1)[0] += 1;
        model.Evaluate(tokens, targets);
        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(layer => model.Captured(CapturePoints.States, layer).SequenceEqual(before[layer])));
    }

    [Fact]
    public void What_is_not_declared_is_refused()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(nameof(Plain), pool, out int[] tokens, out int[] targets);
        var error = Assert.Throws<ArgumentException>(() => model.Captured(CapturePoints.Logits).ToArray());
        Assert.Contains("add [Capture(CapturePoints.Logits)]", error.Message);
        Assert.Throws<ArgumentException>(() => model.Backpropagate(tokens, targets, new double[3]));
    }

    private static CompiledModel<double> Create(string name, WorkerPool pool, out int[] tokens, out int[] targets)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        CompiledModel<double> model = variant.CreateDouble(ModelFixture.Options(variant.Description, pool, Batch));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.1);
        (tokens, targets) = ModelFixture.Batch(model.Tokens, variant.Description.VocabularySize, 3);
        return model;
    }

    private static void ShouldBeClose(double[] expected, ReadOnlySpan<double> actual)
    {
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-12 * (1 + largest), $"[{i}]: expected {expected[i]}, got {actual[i]}");
        }
    }
}
