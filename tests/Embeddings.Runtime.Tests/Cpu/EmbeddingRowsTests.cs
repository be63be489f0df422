using System.Numerics;
using CsCheck;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class EmbeddingRowsTests
{
    private static readonly Gen<Case> s_cases = Gen.Select(
        Gen.Int[1, 100], Gen.Int[1, 50], Gen.Int[1, 60], Gen.Int[0, int.MaxValue],
        (rows, width, vocabulary, seed) => new Case(rows, width, vocabulary, seed));

    [Fact]
    public void Scattered_gradients_equal_plain_loops() => s_cases.Sample(
        test =>
        {
            ScatterEqualsPlainLoops<float>(test);
            ScatterEqualsPlainLoops<double>(test);
        },
        iter: 150,
        threads: 1);

    [Fact]
    public void Rows_wider_than_a_tile_are_scattered_whole() => ScatterEqualsPlainLoops<float>(new Case(20, 1300, 4, 1));

    [Fact]
    public void Scattered_sums_run_in_order_of_the_tokens()
    {
        const int Rows = 999, Vocabulary = 3;
        var random = new Random(3);
        int[] tokens = Tokens(random, Rows, Vocabulary);
        using Buffer<float> gradient = Buffer<float>.Random(random, Rows), table = Buffer<float>.Random(random, Vocabulary);
        float[] expected = table.Span.ToArray();
        for (int row = 0; row < Rows; row++)
        {
            expected[tokens[row]] += gradient.Span[row];
        }

        fixed (int* pointer = tokens)
        {
            EmbeddingRows.ScatterAdd(Pools.Three, Rows, 1, pointer, Vocabulary, gradient.Pointer, table.Pointer);
        }

        Assert.Equal(expected, table.Span.ToArray());
    }

    [Fact]
    public void Position_gradients_equal_plain_loops() => s_cases.Sample(
        test =>
        {
            int context = test.Vocabulary, rows = Math.Max(1, test.Rows / context) * context;
            var random = new Random(test.Seed);
            using Buffer<float> gradient = Buffer<float>.Random(random, (long)rows * test.Width);
            using Buffer<float> positions = Buffer<float>.Random(random, (long)context * test.Width);
            double[] expected = positions.ToDoubles();
            for (int i = 0; i < gradient.Length; i++)
            {
                expected[i % expected.Length] += gradient[i];
            }

            EmbeddingRows.PositionAdd(Pools.Two, rows, test.Width, context, gradient.Pointer, positions.Pointer);
            positions.ShouldEqual(expected, 1e-5, $"{test}: positions");
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Composed_rows_and_their_gradients_equal_plain_loops() => s_cases.Sample(
        test =>
        {
            ComposedEqualsPlainLoops<float>(test);
            ComposedEqualsPlainLoops<double>(test);
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Bits_do_not_depend_on_the_threads()
    {
        const int Rows = 500, Width = 33, TableRows = 40;
        var random = new Random(8);
        int[] tokens = Tokens(random, Rows, 70);
        using SpellingTable spelling = new(Spell(random, 70, TableRows));
        using Buffer<float> gradient = Buffer<float>.Random(random, Rows * Width);
        using Buffer<float> one = new(TableRows * Width), three = new(TableRows * Width);
        fixed (int* pointer = tokens)
        {
            EmbeddingRows.ScatterSum(Pools.One, Rows, Width, pointer, spelling.Pointers, TableRows, gradient.Pointer, one.Pointer);
            EmbeddingRows.ScatterSum(Pools.Three, Rows, Width, pointer, spelling.Pointers, TableRows, gradient.Pointer, three.Pointer);
        }

        three.ShouldBeTheBitsOf(one, "table gradient");
    }

    [Fact]
    public void A_spelling_that_leaves_a_token_empty_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new SpellingTable(new Spelling([0, 1, 1], [5])));
        Assert.Throws<ArgumentException>(() => new SpellingTable(new Spelling([0, 1], [5, 6])));
    }

    private static int[] Tokens(Random random, int rows, int vocabulary)
    {
        var tokens = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            tokens[row] = random.Next(vocabulary);
        }

        return tokens;
    }

    private static Spelling Spell(Random random, int vocabulary, int tableRows)
    {
        var starts = new int[vocabulary + 1];
        var rows = new List<int>();
        for (int token = 0; token < vocabulary; token++)
        {
            for (int place = random.Next(1, 6); place > 0; place--)
            {
                rows.Add(random.Next(tableRows));
            }

            starts[token + 1] = rows.Count;
        }

        return new Spelling(starts, [.. rows]);
    }

    private static void ScatterEqualsPlainLoops<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(test.Seed);
        int[] tokens = Tokens(random, test.Rows, test.Vocabulary);
        using Buffer<T> gradient = Buffer<T>.Random(random, (long)test.Rows * test.Width);
        using Buffer<T> table = Buffer<T>.Random(random, (long)test.Vocabulary * test.Width);
        double[] expected = table.ToDoubles();
        for (int row = 0; row < test.Rows; row++)
        {
            for (int j = 0; j < test.Width; j++)
            {
                expected[tokens[row] * test.Width + j] += gradient[row * test.Width + j];
            }
        }

        fixed (int* pointer = tokens)
        {
            EmbeddingRows.ScatterAdd(Pools.Two, test.Rows, test.Width, pointer, test.Vocabulary, gradient.Pointer, table.Pointer);
        }

        table.ShouldEqual(expected, Pools.Tolerance<T>(), $"{test}: table");
    }

    private static void ComposedEqualsPlainLoops<T>(Case test)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int TableRows = 23;
        var random = new Random(test.Seed);
        int[] tokens = Tokens(random, test.Rows, test.Vocabulary);
        Spelling spelling = Spell(random, test.Vocabulary, TableRows);
        using SpellingTable native = new(spelling);
        using Buffer<T> table = Buffer<T>.Random(random, (long)TableRows * test.Width);
        using Buffer<T> tableGradient = Buffer<T>.Random(random, table.Length);
        using Buffer<T> gradient = Buffer<T>.Random(random, (long)test.Rows * test.Width);
        using Buffer<T> output = Buffer<T>.Random(random, gradient.Length);
        var expectedOutput = new double[output.Length];
        double[] expectedGradient = tableGradient.ToDoubles();
        for (int row = 0; row < test.Rows; row++)
        {
            ReadOnlySpan<int> spelt = spelling.Rows.AsSpan(spelling.Starts[tokens[row]]..spelling.Starts[tokens[row] + 1]);
            foreach (int tableRow in spelt)
            {
                for (int j = 0; j < test.Width; j++)
                {
                    expectedOutput[row * test.Width + j] += table[tableRow * test.Width + j] / Math.Sqrt(spelt.Length);
                    expectedGradient[tableRow * test.Width + j] += gradient[row * test.Width + j] / Math.Sqrt(spelt.Length);
                }
            }
        }

        fixed (int* pointer = tokens)
        {
            EmbeddingRows.GatherSum(Pools.Two, test.Rows, test.Width, pointer, native.Pointers, table.Pointer, output.Pointer);
            EmbeddingRows.ScatterSum(
                Pools.Two, test.Rows, test.Width, pointer, native.Pointers, TableRows, gradient.Pointer, tableGradient.Pointer);
        }

        output.ShouldEqual(expectedOutput, Pools.Tolerance<T>(), $"{test}: output");
        tableGradient.ShouldEqual(expectedGradient, Pools.Tolerance<T>(), $"{test}: table gradient");
    }

    private sealed record Case(int Rows, int Width, int Vocabulary, int Seed);
}
