using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Models;

/// <summary>That each kind of input row, and the untying head, does what it says; their gradients are checked with those of all models.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public void A_binary_code_tells_all_ids_apart_and_keeps_its_bits()
    {
        ParameterBlock table = Block(WithBinaryCode.Variant, "Embedding.Table");
        Assert.True(table.Frozen);
        float[] start = Start(WithBinaryCode.Variant);
        float[] end = Train(WithBinaryCode.Variant, 3);
        Assert.Equal(start.AsSpan((int)table.Offset, (int)table.Count), end.AsSpan((int)table.Offset, (int)table.Count));
        string[] codes = [.. Enumerable.Range(0, 256).Select(row => string.Concat(
            start.AsSpan((int)table.Offset + row * table.Columns, table.Columns).ToArray().Select(value => value > 0 ? '1' : '0')))];
        Assert.Equal(256, codes.Distinct().Count());
        Assert.Equal("10110000", codes[0b1101][..8]);
        Assert.Equal(codes[77][..8], codes[77][8..16]);
        Assert.All(start.AsSpan((int)table.Offset, (int)table.Count).ToArray(), value => Assert.Equal(0.02f, Math.Abs(value)));
    }

    [Fact]
    public void Low_rank_rows_lie_in_a_space_of_their_rank()
    {
        ModelDescription description = WithLowRank.Variant.Description;
        Assert.Equal([(256, 5), (32, 5)], new[] { "Embedding.Codes", "Embedding.Projection" }.Select(name => Block(WithLowRank.Variant, name))
            .Select(block => (block.Rows, block.Columns)));
        Assert.Equal(256 * 5 + 32 * 5, description.GroupCount(ParameterGroup.InputEmbedding));
        Assert.Equal(Plain.Variant.Description.OperationsPerToken + 6 * 5 * 32, description.OperationsPerToken);
    }

    [Theory]
    [InlineData(nameof(StatesOfTable))]
    [InlineData(nameof(StatesOfBinaryCode))]
    [InlineData(nameof(StatesOfLowRank))]
    [InlineData(nameof(StatesOfTableAndComposed))]
    [InlineData(nameof(StatesOfRecurrence))]
    [InlineData(nameof(StatesOfConvolution))]
    public void Every_kind_starts_with_rows_of_the_same_size(string name)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = variant.CreateDouble(ModelFixture.Options(variant.Description, pool, 40));
        Initializer.Initialize(model, 1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 1);
        model.Evaluate(tokens, targets);
        double[] rows = model.Captured(CapturePoints.States, 0).ToArray();
        Assert.Equal(0.02, Math.Sqrt(rows.Sum(value => value * value) / rows.Length), 0.002);
    }

    /// <summary>
    /// A recurrence over the bytes, and a convolution, spelled out: the order of the bytes counts, bytes beyond those read do not, and tokens
    /// with the same ones have the same row.
    /// </summary>
    [Theory]
    [InlineData(nameof(StatesOfRecurrence))]
    [InlineData(nameof(StatesOfConvolution))]
    public void Rows_of_bytes_are_those_of_their_definition(string name)
    {
        Variant variant = DeclaredVariants.All.Single(variant => variant.Name == name);
        ArchitectureDescription shape = variant.Description.Architecture;
        int hidden = shape.HiddenWidth;
        byte[][] tokens = ModelFixture.Tokens(600);
        tokens[500] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        tokens[501] = [1, 2, 3, 4, 5, 6, 7, 8, 200];
        tokens[502] = [2, 1, 3, 4, 5, 6, 7, 8];
        tokens[503] = [7, 7];
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = variant.CreateDouble(
            new ModelVocabularies(ModelFixture.Tokens(256), tokens).Options(variant.Description, pool, batch: 1));
        Initializer.Initialize(model, 1);
        int[] ids = [500, 501, 502, 503, 65, 300, 0, 0, 0, 0, 0, 0];
        model.Evaluate(ids, new int[12]);
        double[] states = model.Captured(CapturePoints.States, 0).ToArray();
        double[][] rows = [.. Enumerable.Range(0, 12).Select(row => states[(row * 32)..((row + 1) * 32)])];
        Assert.Equal(rows[0], rows[1]);
        Assert.NotEqual(rows[0], rows[2]);
        double[][] projection = Matrix("Embedding.Projection", 32);
        for (int row = 0; row < 6; row++)
        {
            byte[] bytes = [.. tokens[ids[row]].Take(shape.BytesRead)];
            double[] h = shape.InputEmbedding == EmbeddingKind.Recurrent ? Recurrence(bytes) : Convolution(bytes);
            double scale = 1 / Math.Sqrt(h.Sum(value => value * value) / hidden + 1e-5);
            double[] expected = [.. projection.Select(weights => weights.Zip(h, (w, value) => w * value * scale).Sum())];
            for (int column = 0; column < 32; column++)
            {
                Assert.Equal(expected[column], rows[row][column], 1e-12);
            }
        }

        double[] Recurrence(byte[] bytes)
        {
            double[][] reset = Matrix("Embedding.Recurrence.Reset", 257), update = Matrix("Embedding.Recurrence.Update", 257);
            double[][] candidate = Matrix("Embedding.Recurrence.Candidate", 257), weight = Matrix("Embedding.Recurrence.Weight", 3 * hidden);
            var h = new double[hidden];
            foreach (byte value in bytes)
            {
                double[] s = [.. weight.Select(row => row.Zip(h, (w, each) => w * each).Sum())];
                h = [.. Enumerable.Range(0, hidden).Select(i =>
                {
                    double u = Sigmoid(update[value][i] + s[hidden + i]);
                    double n = Math.Tanh(candidate[value][i] + Sigmoid(reset[value][i] + s[i]) * s[2 * hidden + i]);
                    return n + u * (h[i] - n);
                })];
            }

            return h;
        }

        double[] Convolution(byte[] bytes)
        {
            double[][] before = Matrix("Embedding.Convolution.Before", 257), at = Matrix("Embedding.Convolution.At", 257);
            double[][] behind = Matrix("Embedding.Convolution.Behind", 257);
            return [.. Enumerable.Range(0, hidden).Select(i => Enumerable.Range(0, bytes.Length).Sum(place => Math.Tanh(
                before[place == 0 ? 256 : bytes[place - 1]][i] + at[bytes[place]][i] + behind[place + 1 == bytes.Length ? 256 : bytes[place + 1]][i]))
                / Math.Sqrt(bytes.Length))];
        }

        double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

        double[][] Matrix(string parameter, int count)
        {
            ParameterBlock block = Block(variant, parameter);
            Assert.Equal(count, block.Rows);
            return [.. Enumerable.Range(0, count).Select(row => model.Parameters.Slice(block.Offset + row * block.Columns, block.Columns).ToArray())];
        }
    }

    /// <summary>A recurrence costs a product for each byte but the first, both kinds the projection.</summary>
    [Fact]
    public void Rows_of_bytes_cost_their_products()
    {
        double table = StatesOfTable.Variant.Description.OperationsPerToken;
        Assert.Equal(table + 6 * (64 * 32 + 7 * 3 * 64 * 64), StatesOfRecurrence.Variant.Description.OperationsPerToken);
        Assert.Equal(table + 6 * 64 * 32, StatesOfConvolution.Variant.Description.OperationsPerToken);
        Assert.Equal(3 * 257 * 64 + 3 * 64 * 64 + 64 * 32, StatesOfRecurrence.Variant.Description.GroupCount(ParameterGroup.InputEmbedding));
        Assert.Equal(3 * 257 * 64 + 64 * 32, StatesOfConvolution.Variant.Description.GroupCount(ParameterGroup.InputEmbedding));
    }

    [Fact]
    public void Rows_of_rank_one_are_multiples_of_one_vector()
    {
        Assert.Equal([(256, 1), (32, 1)], new[] { "Embedding.Codes", "Embedding.Projection" }.Select(name => Block(WithRankOne.Variant, name))
            .Select(block => (block.Rows, block.Columns)));
        Assert.NotEqual(Losses(WithRankOne.Variant, 0), Losses(WithRankOne.Variant, 2));
    }

    [Fact]
    public void N_gram_rows_start_at_nothing_and_train()
    {
        Assert.Equal(Losses(Plain.Variant, 0), Losses(WithNgrams.Variant, 0));
        float[] end = Train(WithNgrams.Variant, 3);
        foreach (string name in new[] { "Embedding.Ngrams2.Table", "Embedding.Ngrams3.Table" })
        {
            ParameterBlock table = Block(WithNgrams.Variant, name);
            Assert.Equal(61, table.Rows);
            Assert.True(end.AsSpan((int)table.Offset, (int)table.Count).ContainsAnyExcept(0f));
        }
    }

    /// <summary>The row of a bigram is (t₁·V + t₂) mod M, with V in place of t₁ at the start of a sequence; only such rows receive a gradient.</summary>
    [Fact]
    public void N_grams_take_the_rows_of_their_hash()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = WithNgrams.Variant.CreateDouble(ModelFixture.Options(WithNgrams.Variant.Description, pool, 1));
        Initializer.Initialize(model, 1);
        ModelFixture.Disturb(model, 0.1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 5);
        model.Backpropagate(tokens, [.. targets.Select(target => Math.Max(target, 0))], 1);
        long At(int position) => position < 0 ? 256 : tokens[position];
        AssertRows("Embedding.Ngrams2.Table", t => (At(t - 1) * 256 + At(t)) % 61);
        AssertRows("Embedding.Ngrams3.Table", t => ((At(t - 2) * 256 + At(t - 1)) * 256 + At(t)) % 61);

        void AssertRows(string name, Func<int, long> hash)
        {
            ParameterBlock table = Block(WithNgrams.Variant, name);
            IEnumerable<int> expected = Enumerable.Range(0, tokens.Length).Select(t => (int)hash(t)).Distinct().Order();
            IEnumerable<int> found = Enumerable.Range(0, table.Rows).Where(row =>
                model.Gradients.Slice(table.Offset + row * table.Columns, table.Columns).ContainsAnyExcept(0.0));
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public unsafe void Suffixes_are_the_longest_tokens_that_end_at_a_position_of_the_sequence()
    {
        byte[][] tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), [1, 2], [2, 3], [1, 2, 3], [9, 9, 9, 9]];
        var suffixes = new SuffixIds(8, 4, tokens);
        int[] bytes = [1, 2, 3, 3, 3, 2, 3, 2];
        fixed (int* pointer = bytes)
        {
            suffixes.Find(pointer);
        }

        Assert.Equal([1, 256, 258, 3, 3, 2, 257, 2], new ReadOnlySpan<int>(suffixes.Pointer, 8).ToArray());
        Assert.Throws<ArgumentException>(() => new SuffixIds(8, 4, tokens[1..]));
        Assert.Throws<ArgumentException>(() => new SuffixIds(8, 4, [.. tokens, []]));
    }

    [Fact]
    public void Suffix_rows_start_at_nothing_and_need_their_tokens()
    {
        Assert.Equal(Losses(Plain.Variant, 0), Losses(WithSuffixRows.Variant, 0));
        Assert.NotEqual(Losses(Plain.Variant, 2), Losses(WithSuffixRows.Variant, 2));
        using var pool = new WorkerPool(1);
        Assert.Throws<ArgumentException>(() => WithSuffixRows.Variant.CreateSingle(new ModelOptions(pool, 1)));
        Assert.Throws<ArgumentException>(() => Plain.Variant.CreateSingle(new ModelOptions(pool, 1, null, [[1]])));
    }

    [Fact]
    public void Inputs_of_another_vocabulary_have_its_range_and_targets_theirs()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = WithInputVocabulary.Variant.CreateDouble(ModelFixture.Options(WithInputVocabulary.Variant.Description, pool, 1));
        Assert.Equal((700, 32), (Block(WithInputVocabulary.Variant, "Embedding.Table").Rows, 32));
        Assert.Equal(256, Block(WithInputVocabulary.Variant, "Head.Weight").Rows);
        int[] tokens = [.. Enumerable.Repeat(699, model.Tokens)];
        int[] targets = [.. Enumerable.Repeat(255, model.Tokens)];
        model.Evaluate(tokens, targets);
        Assert.Throws<ArgumentException>(() => model.Evaluate(tokens, tokens));
        tokens[0] = 700;
        Assert.Throws<ArgumentException>(() => model.Evaluate(tokens, targets));
    }

    [Fact]
    public void Rows_of_a_second_table_start_at_nothing_and_are_those_of_the_second_ids()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = WithTwoTables.Variant.CreateDouble(ModelFixture.Options(WithTwoTables.Variant.Description, pool, 1));
        Initializer.Initialize(model, 1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 5);
        Assert.Equal(2 * model.Tokens, tokens.Length);
        model.Backpropagate(tokens, [.. targets.Select(target => Math.Max(target, 0))], 1);
        double[] losses = model.Losses.Slice(0, model.Tokens).ToArray();
        int[] first = tokens[..model.Tokens], second = tokens[model.Tokens..];
        Assert.NotEqual(first, second);
        Assert.Equal(first.Distinct().Order(), RowsWithGradient("Embedding.Table"));
        Assert.Equal(second.Distinct().Order(), RowsWithGradient("Embedding.Second.Table"));

        // The second rows are 0 at the start, so that their ids do not matter.
        model.Evaluate([.. first, .. second.Reverse()], [.. targets.Select(target => Math.Max(target, 0))]);
        Assert.Equal(losses, model.Losses.Slice(0, model.Tokens).ToArray());
        Assert.Throws<ArgumentException>(() => model.Evaluate(first, targets));
        Assert.Throws<ArgumentException>(() => model.Evaluate([.. first, .. second.Select(_ => 261)], targets));

        IEnumerable<int> RowsWithGradient(string name)
        {
            ParameterBlock table = Block(WithTwoTables.Variant, name);
            return Enumerable.Range(0, table.Rows).Where(row =>
                model.Gradients.Slice(table.Offset + row * table.Columns, table.Columns).ContainsAnyExcept(0.0)).ToArray();
        }
    }

    /// <summary>Up to the declared step the head is the table; then it is a copy, and both go their own ways.</summary>
    [Fact]
    public void A_head_is_tied_up_to_its_step_and_then_its_own()
    {
        ParameterBlock table = Block(WithUntyingHead.Variant, "Embedding.Table");
        ParameterBlock head = Block(WithUntyingHead.Variant, "Head.Weight");
        for (int steps = 0; steps <= 2; steps++)
        {
            Assert.Equal(TableOf(Train(WithTiedHead.Variant, steps)), TableOf(Train(WithUntyingHead.Variant, steps)));
            Assert.Equal(Losses(WithTiedHead.Variant, steps), Losses(WithUntyingHead.Variant, steps));
        }

        float[] copied = Train(WithUntyingHead.Variant, 2);
        Assert.Equal(TableOf(copied), HeadOf(copied));
        float[] after = Train(WithUntyingHead.Variant, 3);
        Assert.NotEqual(TableOf(after), HeadOf(after));
        Assert.NotEqual(HeadOf(copied), HeadOf(after));

        float[] TableOf(float[] parameters) => parameters.AsSpan((int)table.Offset, (int)table.Count).ToArray();
        float[] HeadOf(float[] parameters) => parameters.AsSpan((int)head.Offset, (int)head.Count).ToArray();
    }

    [Fact]
    public void An_untied_heads_table_has_no_gradient_in_rows_that_were_not_read()
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<double> model = WithUntyingHead.Variant.CreateDouble(ModelFixture.Options(WithUntyingHead.Variant.Description, pool, 1));
        Initializer.Initialize(model, 1);
        ParameterBlock table = Block(WithUntyingHead.Variant, "Embedding.Table");
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 5);
        foreach ((long step, int rows) in new[] { (1L, 256), (2L, tokens.Distinct().Count()) })
        {
            model.Step = step;
            model.Gradients.Clear();
            model.Backpropagate(tokens, targets, 1);
            Assert.Equal(rows, Enumerable.Range(0, table.Rows).Count(row =>
                model.Gradients.Slice(table.Offset + row * table.Columns, table.Columns).ContainsAnyExcept(0.0)));
        }
    }

    [Fact]
    public void Rates_and_warm_up_of_a_group_reach_its_parameters()
    {
        GroupSettings rows = WithMuon.Variant.Description.Training.Group(ParameterGroup.InputEmbedding);
        Assert.Equal(1e-3 * Math.Sqrt(32), rows.LearningRate, 1e-12);

        // The first AdamW step moves every element that has a gradient by the rate, here times 1/4.
        ParameterBlock table = Block(WithMuon.Variant, "Embedding.Table");
        float[] start = Start(WithMuon.Variant);
        float[] end = Train(WithMuon.Variant, 1);
        double largest = Enumerable.Range((int)table.Offset, (int)table.Count).Max(i => Math.Abs(end[i] - start[i] * (1 - rows.LearningRate / 4 * rows.WeightDecay)));
        Assert.Equal(rows.LearningRate / 4, largest, 1e-5);
    }

    private static ParameterBlock Block(Variant variant, string name) => variant.Description.Parameters.Single(block => block.Name == name);

    private static float[] Start(Variant variant) => Train(variant, 0);

    private static float[] Train(Variant variant, int steps) => TrainAndMeasure(variant, steps).Parameters;

    private static float[] Losses(Variant variant, int steps) => TrainAndMeasure(variant, steps).Losses;

    private static (float[] Parameters, float[] Losses) TrainAndMeasure(Variant variant, int steps)
    {
        using var pool = new WorkerPool(1);
        using CompiledModel<float> model = variant.CreateSingle(ModelFixture.Options(variant.Description, pool));
        using var state = new OptimizerState<float>(variant.Description);
        Initializer.Initialize(model, 1);
        (int[] tokens, int[] targets) = ModelFixture.Batch(model, 4);
        for (int step = 0; step < steps; step++)
        {
            model.Gradients.Clear();
            model.Backpropagate(tokens, targets, 1.0 / model.Tokens);
            model.Update(state, 1, 1);
        }

        model.Evaluate(tokens, targets);
        return (model.Parameters.Slice(0, (int)model.Parameters.Length).ToArray(), model.Losses.Slice(0, model.Tokens).ToArray());
    }
}
