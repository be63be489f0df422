using BenchmarkDotNet.Attributes;
using Embeddings.Cpu;
using Embeddings.Models;

namespace Embeddings.Benchmarks;

/// <summary>Causal attention of the bench variants, by batch, context, heads and head width.</summary>
public unsafe class AttentionBenchmarks
{
    private WorkerPool _pool = null!;
    private Arena<float> _qkv = null!;
    private Arena<float> _gradients = null!;
    private Arena<float> _output = null!;
    private Arena<float> _outputGradient = null!;
    private Arena<float> _logSumExp = null!;

    [Params("16 128 4 32", "8 256 6 64", "4 64 12 64", "1 1024 12 64")]
    public string Shape { get; set; } = "";

    private int Batch => Part(0);

    private int Context => Part(1);

    private int Heads => Part(2);

    private int HeadWidth => Part(3);

    private int Width => Heads * HeadWidth;

    private double Scale => 1 / Math.Sqrt(HeadWidth);

    [GlobalSetup]
    public void SetUp()
    {
        _pool = new WorkerPool();
        long rows = Batch * Context;
        _qkv = KernelMemory.Filled(3 * rows * Width);
        _gradients = KernelMemory.Filled(3 * rows * Width);
        _output = KernelMemory.Filled(rows * Width);
        _outputGradient = KernelMemory.Filled(rows * Width);
        _logSumExp = KernelMemory.Filled(rows * Heads);
        Forward();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _pool.Dispose();
        foreach (Arena<float> arena in new[] { _qkv, _gradients, _output, _outputGradient, _logSumExp })
        {
            arena.Dispose();
        }
    }

    [Benchmark]
    public void Forward()
    {
        float* q = _qkv.Pointer;
        CausalAttention.Forward(
            _pool, Batch, Context, Heads, Heads, HeadWidth, Scale, q, 3 * Width, q + Width, 3 * Width, q + 2 * Width, 3 * Width,
            _output.Pointer, Width, _logSumExp.Pointer);
    }

    [Benchmark]
    public void Backward()
    {
        float* q = _qkv.Pointer;
        float* dQ = _gradients.Pointer;
        CausalAttention.Backward(
            _pool, Batch, Context, Heads, Heads, HeadWidth, Scale, q, 3 * Width, q + Width, 3 * Width, q + 2 * Width, 3 * Width,
            _output.Pointer, Width, _logSumExp.Pointer, _outputGradient.Pointer, Width, dQ, 3 * Width, dQ + Width, 3 * Width,
            dQ + 2 * Width, 3 * Width);
    }

    private int Part(int index) => int.Parse(Shape.Split(' ')[index]);
}
