using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>The matrices of one linear layer, filled with random numbers: X[m, k], W[n, k], Y[m, n].</summary>
internal sealed unsafe class ProductOperands : IDisposable
{
    private readonly Arena<float> _input;
    private readonly Arena<float> _weight;
    private readonly Arena<float> _output;

    public ProductOperands(int m, int n, int k)
    {
        (M, N, K) = (m, n, k);
        _input = Random((long)m * k, "input");
        _weight = Random((long)n * k, "weight");
        _output = Random((long)m * n, "output");
    }

    /// <summary>Rows of input and output.</summary>
    public int M { get; }

    /// <summary>Columns of the output.</summary>
    public int N { get; }

    /// <summary>Columns of the input.</summary>
    public int K { get; }

    /// <summary>Makes a product. Sums that are added to grow too slowly to overflow.</summary>
    public void Multiply(WorkerPool pool, ProductForm form)
    {
        MatrixView<float> input = MatrixView<float>.Rows(_input.Pointer, K);
        MatrixView<float> output = MatrixView<float>.Rows(_output.Pointer, N);
        switch (form)
        {
            case ProductForm.Forward:
                MatMul.Run(pool, M, N, K, input, MatrixView<float>.Transposed(_weight.Pointer, K), _output.Pointer, N, accumulate: false);
                break;
            case ProductForm.InputGradient:
                MatMul.Run(pool, M, K, N, output, MatrixView<float>.Rows(_weight.Pointer, K), _input.Pointer, K, accumulate: false);
                break;
            default:
                MatMul.WeightGradient(pool, M, N, K, output, input, _weight.Pointer, null);
                break;
        }
    }

    public void Dispose()
    {
        _input.Dispose();
        _weight.Dispose();
        _output.Dispose();
    }

    private static Arena<float> Random(long count, string name)
    {
        var values = new Arena<float>(count);
        var random = new RandomStream(1, name);
        for (long i = 0; i < count; i++)
        {
            values.Pointer[i] = (float)random.NextUniform() - 0.5f;
        }

        return values;
    }
}
