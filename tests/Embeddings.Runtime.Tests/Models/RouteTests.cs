using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>
/// Every route's gradient against the per-target gradients of the model without routes: one whole backward pass for each target, with all
/// other targets ignored. Every token of a pass stands at one place only, so a table row's gradient is that of one embedding e_i.
/// </summary>
public sealed unsafe class RouteTests
{
    private const int Context = 8;
    private const int Batch = 2;
    private const int Rows = Batch * Context;
    private const double Tolerance = 1e-13;

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, Rows).Select(row => row * 37 % 251)];
    private static readonly int[] s_targets = [.. Enumerable.Range(0, Rows).Select(row => row == 5 ? -1 : row * 91 % 256)];

    [Fact]
    public void Own_position_equals_the_diagonal_of_the_per_target_gradients() => RouteEquals(RouteOwnPosition.Variant, (i, j) => i == j);

    [Fact]
    public void Cross_position_equals_what_lies_off_the_diagonal() => RouteEquals(RouteCrossPosition.Variant, (i, j) => j > i);

    [Theory]
    [InlineData("RouteNearby", 2)]
    [InlineData("RouteNearbyWhole", Context - 1)]
    public void Nearby_equals_the_band_of_its_distance(string name, int distance) =>
        RouteEquals(DeclaredVariants.All.Single(variant => variant.Name == name), (i, j) => j <= i + distance);

    [Fact]
    public void Own_and_cross_position_add_to_the_whole()
    {
        double[] whole = TableGradient(RouteFull.Variant, s_targets);
        double[] own = TableGradient(RouteOwnPosition.Variant, s_targets);
        double[] cross = TableGradient(RouteCrossPosition.Variant, s_targets);
        Assert.Contains(own, value => Math.Abs(value) > 1e-4);
        Assert.Contains(cross, value => Math.Abs(value) > 1e-4);
        ShouldBeClose(whole, [.. own.Zip(cross, (a, b) => a + b)]);
    }

    [Fact]
    public void Permuted_equals_cross_position_of_the_targets_moved_to_other_sequences()
    {
        int[] moved = Permuted(s_targets);
        Assert.Equal(s_targets.Order(), moved.Order());
        for (int row = 0; row < Rows; row++)
        {
            int source = Array.IndexOf(s_targets, moved[row]);
            Assert.NotEqual(row / Context, source / Context);
        }

        double[] expected = new double[TableGradient(RouteFull.Variant, moved).Length];
        ForEachTarget(moved, (j, gradient) => AddRows(expected, gradient, i => j > i && j / Context == i / Context));
        ShouldBeClose(expected, TableGradient(RoutePermuted.Variant, s_targets));
    }

    [Fact]
    public void Permuted_targets_leave_losses_and_every_other_gradient_alone()
    {
        (double[] losses, double[] gradients) = Pass(RoutePermuted.Variant);
        (double[] plainLosses, double[] plainGradients) = Pass(RouteFull.Variant);
        Assert.Equal(plainLosses, losses);
        ParameterBlock table = Table(RouteFull.Variant.Description);
        Assert.Equal(plainGradients[(int)(table.Offset + table.Count)..], gradients[(int)(table.Offset + table.Count)..]);
    }

    [Theory]
    [InlineData("RouteOwnPosition")]
    [InlineData("RouteCrossPosition")]
    [InlineData("RouteNearby")]
    public void A_table_route_leaves_losses_and_every_other_gradient_alone(string name)
    {
        (double[] losses, double[] gradients) = Pass(DeclaredVariants.All.Single(variant => variant.Name == name));
        (double[] plainLosses, double[] plainGradients) = Pass(RouteFull.Variant);
        Assert.Equal(plainLosses, losses);
        ParameterBlock table = Table(RouteFull.Variant.Description);
        Assert.Equal(plainGradients[(int)(table.Offset + table.Count)..], gradients[(int)(table.Offset + table.Count)..]);
    }

    [Fact]
    public void Forward_mixing_off_makes_the_per_target_gradients_diagonal()
    {
        for (int j = 0; j < Rows; j++)
        {
            if (s_targets[j] >= 0)
            {
                double[] gradient = TableGradient(RouteNoForwardMixing.Variant, Only(s_targets, j));
                Assert.Contains(RowOf(gradient, j), value => value != 0);
                Assert.All(Enumerable.Range(0, Rows).Where(i => i != j), i => Assert.DoesNotContain(RowOf(gradient, i), value => value != 0));
            }
        }
    }

    /// <summary>The gradient of every parameter of the myopic model is, for one target alone, what stays when past keys and values are held.</summary>
    [Fact]
    public void Backward_mixing_off_gives_the_rows_their_own_position()
    {
        double[] own = TableGradient(RouteOwnPosition.Variant, s_targets);
        ShouldBeClose(own, TableGradient(RouteNoBackwardMixing.Variant, s_targets));
        (double[] losses, double[] gradients) = Pass(RouteNoBackwardMixing.Variant);
        (double[] plainLosses, double[] plainGradients) = Pass(RouteFull.Variant);
        Assert.Equal(plainLosses, losses);
        Assert.True(Distance(plainGradients, gradients) > 1e-3);
    }

    [Theory]
    [InlineData("RouteStopKeysAndValues", true, false, false)]
    [InlineData("RouteStopQueries", false, true, true)]
    [InlineData("RouteStopAll", false, false, false)]
    public void Stopped_inputs_of_attention_give_their_weights_no_gradient(string name, bool queries, bool keys, bool values)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        ParameterBlock weight = variant.Description.Parameters.Single(block => block.Name == "Block.Attention.QueryKeyValue.Weight");
        (double[] losses, double[] gradients) = Pass(variant);
        Assert.Equal(Pass(RouteFull.Variant).Losses, losses);
        int width = variant.Description.Architecture.Width;
        int headWidth = width / variant.Description.Architecture.Heads;
        for (int layer = 0; layer < weight.Layers; layer++)
        {
            Assert.Equal(queries, HasGradient(0, width));
            Assert.Equal(keys, HasGradient(width, headWidth));
            Assert.Equal(values, HasGradient(width + headWidth, headWidth));

            bool HasGradient(int row, int count) =>
                gradients.AsSpan((int)weight.LayerOffset(layer) + row * width, count * width).ContainsAnyExcept(0.0);
        }
    }

    [Fact]
    public void Composed_rows_receive_own_and_cross_position_that_add_to_the_whole()
    {
        double[] whole = Pass(ComposedFull.Variant).Gradients;
        double[] own = Pass(ComposedOwnPosition.Variant).Gradients;
        double[] cross = Pass(ComposedCrossPosition.Variant).Gradients;
        ParameterBlock table = ComposedFull.Variant.Description.Parameters.Single(block => block.Name == "Embedding.Composition");
        Assert.Equal(0, table.Offset);
        int count = (int)table.Count;
        ShouldBeClose(whole[..count], [.. own.Take(count).Zip(cross.Take(count), (a, b) => a + b)]);
        Assert.True(Distance(own[..count], whole[..count]) > 1e-3);
        Assert.Equal(whole[count..], own[count..]);
    }

    [Fact]
    public void Rows_without_a_gradient_keep_their_bits()
    {
        (float[] start, float[] end) = Train(RouteNone.Variant, 3);
        ParameterBlock table = Table(RouteNone.Variant.Description);
        Assert.True(table.Frozen);
        Assert.Equal(start.AsSpan((int)table.Offset, (int)table.Count), end.AsSpan((int)table.Offset, (int)table.Count));
    }

    [Theory]
    [InlineData("RouteStops")]
    [InlineData("RouteOwnPositionStops")]
    public void Rows_stop_after_the_declared_step_and_keep_their_bits(string name)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        ParameterBlock table = Table(variant.Description);
        float[] Rows(int steps) => Train(variant, steps).End.AsSpan((int)table.Offset, (int)table.Count).ToArray();
        float[] two = Rows(2);
        Assert.NotEqual(Rows(1), two);
        Assert.Equal(two, Rows(3));
        Assert.NotEqual(Train(variant, 2).End, Train(variant, 3).End);
    }

    [Fact]
    public void Stopped_rows_receive_no_gradient()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = Create(RouteStops.Variant, pool);
        model.Step = 2;
        model.Backpropagate(s_tokens, s_targets, 1);
        ParameterBlock table = Table(RouteStops.Variant.Description);
        Assert.False(model.Gradients.Slice(table.Offset, (int)table.Count).ContainsAnyExcept(0.0));
        model.Step = 1;
        model.Backpropagate(s_tokens, s_targets, 1);
        Assert.True(model.Gradients.Slice(table.Offset, (int)table.Count).ContainsAnyExcept(0.0));
    }

    private static void RouteEquals(Variant variant, Func<int, int, bool> receives)
    {
        double[] expected = new double[TableGradient(RouteFull.Variant, s_targets).Length];
        ForEachTarget(s_targets, (j, gradient) => AddRows(expected, gradient, i => receives(i, j)));
        Assert.Contains(expected, value => Math.Abs(value) > 1e-4);
        ShouldBeClose(expected, TableGradient(variant, s_targets));
    }

    private static void ForEachTarget(int[] targets, Action<int, double[]> visit)
    {
        for (int j = 0; j < Rows; j++)
        {
            if (targets[j] >= 0)
            {
                visit(j, TableGradient(RouteFull.Variant, Only(targets, j)));
            }
        }
    }

    private static void AddRows(double[] sum, double[] gradient, Func<int, bool> takes)
    {
        int width = RouteFull.Variant.Description.Architecture.Width;
        for (int i = 0; i < Rows; i++)
        {
            for (int column = 0; takes(i) && column < width; column++)
            {
                sum[s_tokens[i] * width + column] += gradient[s_tokens[i] * width + column];
            }
        }
    }

    private static int[] Only(int[] targets, int j) => [.. targets.Select((target, row) => row == j ? target : -1)];

    private static int[] Permuted(int[] targets)
    {
        var permutation = new TargetPermutation(Batch, Context);
        fixed (int* pointer = targets)
        {
            return new ReadOnlySpan<int>(permutation.Of(pointer, step: 0, pass: 0), Rows).ToArray();
        }
    }

    /// <summary>Every pass has a permutation of its own; the same step and pass have the same one, so that a resumed run has it too.</summary>
    [Fact]
    public unsafe void Permuted_targets_are_drawn_anew_in_every_pass()
    {
        int[] targets = [.. Enumerable.Range(0, Rows)];
        var permutation = new TargetPermutation(Batch, Context);
        int[] first = Of(0, 0);
        Assert.Equal(targets, first.Order());
        for (int row = 0; row < Rows; row++)
        {
            Assert.Equal((row / Context + 1) % Batch, first[row] / Context);
        }

        Assert.NotEqual(first, Of(0, 1));
        Assert.NotEqual(first, Of(1, 0));
        Assert.Equal(first, Of(0, 0));

        int[] Of(long step, int pass)
        {
            fixed (int* pointer = targets)
            {
                return new ReadOnlySpan<int>(permutation.Of(pointer, step, pass), Rows).ToArray();
            }
        }
    }

    private static double[] RowOf(double[] gradient, int i)
    {
        int width = RouteFull.Variant.Description.Architecture.Width;
        return gradient[(s_tokens[i] * width)..((s_tokens[i] + 1) * width)];
    }

    private static ParameterBlock Table(ModelDescription description) =>
        description.Parameters.Single(block => block.Name == "Embedding.Table");

    private static CompiledModel<double> Create(Variant variant, WorkerPool pool)
    {
        CompiledModel<double> model = variant.CreateDouble(ModelFixture.Options(variant.Description, pool, Batch));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.1);
        return model;
    }

    private static (double[] Losses, double[] Gradients) Pass(Variant variant)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = Create(variant, pool);
        model.Backpropagate(s_tokens, s_targets, 1);
        return (model.Losses.Slice(0, Rows).ToArray(), model.Gradients.Slice(0, (int)model.Gradients.Length).ToArray());
    }

    private static double[] TableGradient(Variant variant, int[] targets)
    {
        using var pool = new WorkerPool(2);
        using CompiledModel<double> model = Create(variant, pool);
        model.Backpropagate(s_tokens, targets, 1);
        ParameterBlock table = Table(variant.Description);
        return model.Gradients.Slice(table.Offset, (int)table.Count).ToArray();
    }

    private static (float[] Start, float[] End) Train(Variant variant, int steps)
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = variant.CreateSingle(ModelFixture.Options(variant.Description, pool, Batch));
        using var state = new OptimizerState<float>(variant.Description);
        Initializer.Initialize(model, 1);
        float[] start = model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray();
        for (int step = 0; step < steps; step++)
        {
            model.Gradients.Clear();
            model.Backpropagate(s_tokens, s_targets, 1.0 / Rows);
            model.Update(state, 1, 1);
        }

        return (start, model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray());
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    private static void ShouldBeClose(double[] expected, double[] actual)
    {
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * (1 + largest) * 10, $"[{i}]: expected {expected[i]}, got {actual[i]}");
        }
    }
}
