using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

public sealed unsafe class MuonTests
{
    [Theory]
    [InlineData(7, 19)]
    [InlineData(19, 7)]
    [InlineData(16, 16)]
    [InlineData(1, 5)]
    public void A_step_equals_plain_loops(int rows, int columns)
    {
        const double Rate = 0.02, Momentum = 0.9, Decay = 0.1, Factor = 0.5;
        var random = new Random(rows);
        int count = rows * columns;
        using Buffer<double> p = Buffer<double>.Random(random, count), g = Buffer<double>.Random(random, count), m = Buffer<double>.Random(random, count);
        double[] expected = p.Span.ToArray();
        double[] momentum = m.Span.ToArray();
        double[] step = new double[count];
        for (int i = 0; i < count; i++)
        {
            double gradient = Factor * g.Span[i];
            momentum[i] = Momentum * momentum[i] + gradient;
            step[i] = gradient + Momentum * momentum[i];
        }

        double[,] x = Naive(step, rows, columns, 5);
        Muon.Update(Pools.Two, rows, columns, p.Pointer, g.Pointer, m.Pointer, Rate, Momentum, Decay, 5, Factor);
        for (int i = 0; i < count; i++)
        {
            double next = (1 - Rate * Decay) * expected[i] - Rate * Math.Sqrt(Math.Max(1, (double)rows / columns)) * x[i / columns, i % columns];
            Assert.Equal(next, p.Span[i], 1e-10);
            Assert.Equal(momentum[i], m.Span[i], 1e-12);
        }
    }

    /// <summary>A full-rank matrix comes out with singular values near 1: X·Xᵀ is near the identity.</summary>
    [Fact]
    public void The_step_is_nearly_orthogonal()
    {
        const int Rows = 12, Columns = 40;
        using Buffer<float> x = Buffer<float>.Random(new Random(3), Rows * Columns);
        Muon.Orthogonalize(Pools.One, Rows, Columns, x.Pointer, 7);
        for (int i = 0; i < Rows; i++)
        {
            double square = 0, across = 0;
            for (int c = 0; c < Columns; c++)
            {
                square += x.Span[i * Columns + c] * x.Span[i * Columns + c];
                across += x.Span[i * Columns + c] * x.Span[(i + 1) % Rows * Columns + c];
            }

            Assert.InRange(square, 0.45, 1.5);
            Assert.InRange(across, -0.3, 0.3);
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_threads()
    {
        using Buffer<float> one = Buffer<float>.Random(new Random(3), 60 * 130);
        using Buffer<float> three = one.Copy();
        Muon.Orthogonalize(Pools.One, 60, 130, one.Pointer, 5);
        Muon.Orthogonalize(Pools.Three, 60, 130, three.Pointer, 5);
        three.ShouldBeTheBitsOf(one, "step");
    }

    private static double[,] Naive(double[] values, int rows, int columns, int iterations)
    {
        double norm = Math.Sqrt(values.Sum(value => value * value)) + 1e-7;
        double[,] x = new double[rows, columns];
        for (int i = 0; i < values.Length; i++)
        {
            x[i / columns, i % columns] = values[i] / norm;
        }

        for (int iteration = 0; iteration < iterations; iteration++)
        {
            double[,] gram = Product(x, Transposed(x));
            double[,] third = Product(gram, x);
            double[,] fifth = Product(gram, third);
            for (int r = 0; r < rows; r++)
            {
                for (int c = 0; c < columns; c++)
                {
                    x[r, c] = 3.4445 * x[r, c] - 4.7750 * third[r, c] + 2.0315 * fifth[r, c];
                }
            }
        }

        return x;
    }

    private static double[,] Transposed(double[,] x)
    {
        double[,] result = new double[x.GetLength(1), x.GetLength(0)];
        for (int i = 0; i < x.Length; i++)
        {
            result[i % x.GetLength(1), i / x.GetLength(1)] = x[i / x.GetLength(1), i % x.GetLength(1)];
        }

        return result;
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        double[,] result = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < b.GetLength(1); j++)
            {
                for (int k = 0; k < a.GetLength(1); k++)
                {
                    result[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return result;
    }
}
