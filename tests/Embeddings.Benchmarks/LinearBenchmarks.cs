using BenchmarkDotNet.Attributes;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Benchmarks;

/// <summary>A linear layer's three products, by tokens, outputs and inputs.</summary>
public unsafe class LinearBenchmarks
{
    private WorkerPool _pool = null!;
    private Arena<float> _x = null!;
    private Arena<float> _y = null!;
    private Arena<float> _weight = null!;
    private Arena<float> _bias = null!;

    [Params("2048 512 128", "2048 1536 384", "2048 384 1536", "256 2304 768", "1024 3072 768")]
    public string Shape { get; set; } = "";

    private int Rows => Part(0);

    private int Outputs => Part(1);

    private int Inputs => Part(2);

    [GlobalSetup]
    public void SetUp()
    {
        _pool = new WorkerPool();
        _x = KernelMemory.Filled((long)Rows * Inputs);
        _y = KernelMemory.Filled((long)Rows * Outputs);
        _weight = KernelMemory.Filled((long)Outputs * Inputs);
        _bias = KernelMemory.Filled(Outputs);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _pool.Dispose();
        foreach (Arena<float> arena in new[] { _x, _y, _weight, _bias })
        {
            arena.Dispose();
        }
    }

    [Benchmark]
    public void Forward() => MatMul.Run(
        _pool, Rows, Outputs, Inputs, MatrixView<float>.Rows(_x.Pointer, Inputs), MatrixView<float>.Transposed(_weight.Pointer, Inputs),
        _y.Pointer, Outputs, accumulate: false);

    [Benchmark]
    public void InputGradient() => MatMul.Run(
        _pool, Rows, Inputs, Outputs, MatrixView<float>.Rows(_y.Pointer, Outputs), MatrixView<float>.Rows(_weight.Pointer, Inputs),
        _x.Pointer, Inputs, accumulate: false);

    [Benchmark]
    public void WeightGradient() => MatMul.WeightGradient(
        _pool, Rows, Outputs, Inputs, MatrixView<float>.Rows(_y.Pointer, Outputs), MatrixView<float>.Rows(_x.Pointer, Inputs),
        _weight.Pointer, _bias.Pointer);

    private int Part(int index) => int.Parse(Shape.Split(' ')[index]);
}
