using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>That options of the block do what they say; their gradients are checked with those of all models.</summary>
public sealed class OptionTests
{
    [Fact]
    public void As_many_key_value_heads_as_heads_is_multi_head_attention_bit_for_bit()
    {
        (double[] losses, double[] gradients) = Pass(WithHeadsSaid.Variant);
        (double[] plainLosses, double[] plainGradients) = Pass(Plain.Variant);
        Assert.Equal(plainLosses, losses);
        Assert.Equal(plainGradients, gradients);
        Assert.NotEqual(plainLosses, Pass(WithGroupedHeads.Variant).Losses);
    }

    [Theory]
    [InlineData(nameof(SkipFull), nameof(SkipNearbyWhole))]
    [InlineData(nameof(WindowFull), nameof(WindowNearbyWhole))]
    public void All_distances_together_are_the_whole_gradient_of_the_table(string whole, string nearby) =>
        ShouldBeClose(TableGradient(whole), TableGradient(nearby));

    [Fact]
    public void A_route_cuts_what_reaches_the_rows_through_the_skip_too()
    {
        double[] own = TableGradient(nameof(SkipOwnPosition));
        double[] cross = TableGradient(nameof(SkipCrossPosition));
        ShouldBeClose(TableGradient(nameof(SkipFull)), [.. own.Zip(cross, (a, b) => a + b)]);
        Assert.Contains(cross, value => Math.Abs(value) > 1e-4);
    }

    /// <summary>Routes and options do not know of one another: what every part of the rows receives still adds to the whole.</summary>
    [Fact]
    public void Own_and_cross_position_add_to_the_whole_with_every_option_at_once()
    {
        double[] whole = Pass(CombinedFull.Variant).Gradients;
        double[] own = Pass(CombinedOwnPosition.Variant).Gradients;
        double[] cross = Pass(CombinedCrossPosition.Variant).Gradients;
        double[] nearby = Pass(CombinedNearbyWhole.Variant).Gradients;
        foreach (ParameterBlock block in CombinedFull.Variant.Description.Parameters)
        {
            bool isRow = block.Group == ParameterGroup.InputEmbedding && block.OnLayers.IsEmpty;
            for (int layer = 0; layer < block.Layers; layer++)
            {
                Range range = (int)block.LayerOffset(layer)..(int)(block.LayerOffset(layer) + block.Count);
                ShouldBeClose(whole[range], isRow ? [.. own[range].Zip(cross[range], (a, b) => a + b)] : own[range]);
                ShouldBeClose(whole[range], nearby[range]);
            }
        }
    }

    /// <summary>With λ = 0 and μ = 1 in the last layer, nothing that earlier layers compute reaches the loss.</summary>
    [Fact]
    public void The_skip_reads_the_output_of_the_embedding()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(WithInputSkip.Variant, pool);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, 256, 3);
        Set("Block.InputSkip.Residual", 2, 0);
        Set("Block.InputSkip.Initial", 2, 1);
        model.Backpropagate(tokens, targets, 1);
        ParameterBlock weight = Block("Block.FeedForward.Up.Weight");
        Assert.False(Gradient(weight, 0).ContainsAnyExcept(0.0));
        Assert.False(Gradient(weight, 1).ContainsAnyExcept(0.0));
        Assert.True(Gradient(weight, 2).ContainsAnyExcept(0.0));
        Assert.True(Gradient(Block("Embedding.Table"), 0).ContainsAnyExcept(0.0));

        ParameterBlock Block(string name) => model.Description.Parameters.Single(block => block.Name == name);
        Span<double> Gradient(ParameterBlock block, int layer) => model.Gradients.Slice(block.LayerOffset(layer), (int)block.Count);
        void Set(string name, int layer, double value) => model.Parameters.Slice(Block(name).LayerOffset(layer), 1)[0] = value;
    }

    /// <summary>A query sees the declared positions and no more: outside all windows, a changed token changes no loss.</summary>
    [Fact]
    public void A_window_bounds_what_a_position_sees()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(WithOneWindow.Variant, pool);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, 256, 3);
        targets = [.. targets.Select(target => Math.Max(target, 0))];
        model.Evaluate(tokens, targets);
        double[] before = model.Losses.Slice(0, 12).ToArray();
        tokens[1] ^= 7;
        model.Evaluate(tokens, targets);
        double[] after = model.Losses.Slice(0, 12).ToArray();

        // Two layers of windows of 3: position 1 reaches 1 + 2·2 = 5.
        Assert.Equal(
            Enumerable.Range(0, 12).Select(row => row is >= 1 and <= 5), Enumerable.Range(0, 12).Select(row => before[row] != after[row]));
    }

    [Fact]
    public void Value_rows_start_at_nothing_and_stand_in_the_chosen_layers()
    {
        Assert.Equal(Losses(WithoutValueRows.Variant, _ => { }), Losses(WithSomeValueRows.Variant, _ => { }));
        ModelDescription description = WithSomeValueRows.Variant.Description;
        ParameterBlock table = description.Parameters.Single(block => block.Name == "Block.ValueEmbedding.Table");
        Assert.Equal((256, 32, 2), (table.Rows, table.Columns, table.Layers));
        Assert.Equal(
            ["Blocks.0.ValueEmbedding.Table", "Blocks.2.ValueEmbedding.Table"], Enumerable.Range(0, 2).Select(table.LayerName));
        ModelDescription without = WithoutValueRows.Variant.Description;
        Assert.Equal(without.ParameterCount + 2 * (256 * 32 + 1), description.ParameterCount);
        Assert.Equal(without.GroupCount(ParameterGroup.InputEmbedding) + 2 * 256 * 32, description.GroupCount(ParameterGroup.InputEmbedding));
        Assert.Equal(without.OperationsPerToken, description.OperationsPerToken);
    }

    /// <summary>The same row for every token of a chosen layer, times its factor, is what a bias of the values adds there.</summary>
    [Fact]
    public void Value_rows_are_added_to_the_values_of_their_layer()
    {
        double[] added = Losses(WithSomeValueRows.Variant, model =>
        {
            ParameterBlock table = Block(model, "Block.ValueEmbedding.Table");
            Span<double> rows = model.Parameters.Slice(table.LayerOffset(1), (int)table.Count);
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = 0.1 * (i % 32);
            }

            model.Parameters.Slice(Block(model, "Block.ValueEmbedding.Scale").LayerOffset(1), 1)[0] = -2;
        });
        double[] biased = Losses(WithoutValueRows.Variant, model =>
        {
            Span<double> values = model.Parameters.Slice(Block(model, "Block.Attention.QueryKeyValue.Bias").LayerOffset(2) + 64, 32);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] -= 0.2 * i;
            }
        });
        ShouldBeClose(biased, added);
        Assert.NotEqual(biased[0], Losses(WithoutValueRows.Variant, _ => { })[0]);
    }

    /// <summary>Rows of tokens that the pass does not hold have exactly no gradient; a route of the input rows leaves value rows their whole one.</summary>
    [Fact]
    public void Value_rows_of_other_tokens_have_no_gradient()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(WithSomeValueRows.Variant, pool);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, 256, 3);
        model.Backpropagate(tokens, targets, 1);
        ParameterBlock table = Block(model, "Block.ValueEmbedding.Table");
        for (int copy = 0; copy < 2; copy++)
        {
            Assert.Equal(tokens.Distinct().Order(), Enumerable.Range(0, 256).Where(row =>
                model.Gradients.Slice(table.LayerOffset(copy) + row * 32, 32).ContainsAnyExcept(0.0)));
        }
    }

    /// <summary>
    /// Targets further ahead change what is trained and nothing that is evaluated: the gradient is that of the plain model plus the weighted
    /// ones of the further losses, of which the last positions of a sequence have none.
    /// </summary>
    [Fact]
    public void Further_targets_are_those_that_many_positions_later()
    {
        Assert.Equal(Losses(Plain.Variant, _ => { }), Losses(WithFutureTargets.Variant, _ => { }));
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(WithFutureTargets.Variant, pool);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, 256, 3);
        targets = [.. targets.Select(target => Math.Max(target, 0))];
        double whole = model.Objective(tokens, targets);
        double first = model.LossSum();

        // Positions that are the target of nothing further ahead: 0 of all, and the next one of those two ahead.
        foreach ((int position, double weight) in new[] { (0, 1.0), (1, 1.7), (2, 2.05), (11, 2.05) })
        {
            int[] ignored = [.. targets];
            for (int row = position; row < ignored.Length; row += 12)
            {
                ignored[row] = -1;
            }

            // A model of random weights pays about the logarithm of its vocabulary for every target, further ahead or not.
            double saved = whole - model.Objective(tokens, ignored);
            Assert.InRange(saved / (3 * weight * first / model.Tokens), 0.5, 1.6);
        }

        model.Gradients.Clear();
        model.Backpropagate(tokens, targets, 1);
        Assert.Equal(first, model.LossSum());
        foreach (string name in new[] { "Future1.Projection.Weight", "Future2.Projection.Weight", "Future2.Norm.Gain" })
        {
            ParameterBlock block = Block(model, name);
            Assert.True(model.Gradients.Slice(block.Offset, (int)block.Count).ContainsAnyExcept(0.0));
        }
    }

    /// <summary>Each further target costs its projection and the head, forward and backward.</summary>
    [Fact]
    public void Further_targets_cost_their_products()
    {
        ModelDescription plain = Plain.Variant.Description;
        ModelDescription further = WithFutureTargets.Variant.Description;
        Assert.Equal(plain.OperationsPerToken + 2 * 6.0 * (32 * 32 + 256 * 32), further.OperationsPerToken);
        Assert.Equal(plain.ParameterCount + 2 * (32 * 32 + 3 * 32), further.ParameterCount);
        Assert.Equal(plain.MatMulParameters + 2 * 32 * 32, further.MatMulParameters);
    }

    [Fact]
    public void The_feed_forward_ratio_is_rounded_up() => Assert.Equal(42, WithBlockOptions.Variant.Description.Architecture.FeedForwardWidth);

    private static ParameterBlock Block(CompiledModel<double> model, string name) =>
        model.Description.Parameters.Single(block => block.Name == name);

    /// <summary>Losses of one pass from the initial values, changed.</summary>
    private static double[] Losses(Variant variant, Action<CompiledModel<double>> change)
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = variant.CreateDouble(ModelFixture.Options(variant.Description, pool));
        Initializer.Initialize(model, 1);
        change(model);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, 256, 3);
        model.Evaluate(tokens, targets);
        return model.Losses.Slice(0, model.Tokens).ToArray();
    }

    private static double[] TableGradient(string name)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        ParameterBlock table = variant.Description.Parameters.Single(block => block.Name == "Embedding.Table");
        return Pass(variant).Gradients.AsSpan((int)table.Offset, (int)table.Count).ToArray();
    }

    private static (double[] Losses, double[] Gradients) Pass(Variant variant)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = Create(variant, pool);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model.Tokens, variant.Description.VocabularySize, 3);
        model.Backpropagate(tokens, targets, 1);
        return (model.Losses.Slice(0, model.Tokens).ToArray(), model.Gradients.Slice(0, (int)model.Gradients.Length).ToArray());
    }

    private static CompiledModel<double> Create(Variant variant, WorkerPool pool)
    {
        CompiledModel<double> model = variant.CreateDouble(ModelFixture.Options(variant.Description, pool));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.1);
        return model;
    }

    private static void ShouldBeClose(double[] expected, double[] actual)
    {
        Assert.Contains(expected, value => Math.Abs(value) > 1e-4);
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-12 * (1 + largest), $"[{i}]: expected {expected[i]}, got {actual[i]}");
        }
    }
}
