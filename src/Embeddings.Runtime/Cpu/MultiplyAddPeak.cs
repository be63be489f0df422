using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Embeddings.Cpu.Products;

namespace Embeddings.Cpu;

/// <summary>
/// The rate at which threads multiply and add in registers alone, in single precision with the widest vectors the machine has: what no
/// matrix product can exceed. Measured beside a timing, on the same threads, it tells how much of the machine the timed code uses.
/// </summary>
public static unsafe class MultiplyAddPeak
{
    /// <summary>More than latency × throughput of any present core, and few enough for 16 registers beside two operands.</summary>
    private const int Chains = 12;

    /// <summary>About 0.2 ms on one core: short, so that a thread that is held up leaves its work to the others.</summary>
    private const int IterationsPerTile = 100_000;

    private const int TilesPerThread = 64;

    /// <summary>Bits of the vectors it uses.</summary>
    public static int VectorBits { get; } =
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 8 * sizeof(float);

    /// <summary>Takes one sample, of some 15 ms.</summary>
    /// <param name="pool">The threads to measure.</param>
    /// <returns>Floating-point operations a second, two for a multiply-add; all threads together.</returns>
    public static double Measure(WorkerPool pool) =>
        Vector512.IsHardwareAccelerated ? Measure<Vector512<float>, Simd512<float>>(pool)
        : Vector256.IsHardwareAccelerated ? Measure<Vector256<float>, Simd256<float>>(pool)
        : Vector128.IsHardwareAccelerated ? Measure<Vector128<float>, Simd128<float>>(pool)
        : Measure<float, SimdScalar<float>>(pool);

    private static double Measure<TVector, TSimd>(WorkerPool pool)
        where TVector : unmanaged
        where TSimd : struct, ISimd<float, TVector>
    {
        int tiles = TilesPerThread * pool.Threads;
        float* sink = Scratch.Take<float>(ScratchUse.Partials, tiles * TSimd.Lanes);
        long started = Stopwatch.GetTimestamp();
        pool.Run(new Kernel<TVector, TSimd>(sink), tiles);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return 2.0 * TSimd.Lanes * Chains * IterationsPerTile * tiles / seconds;
    }

    private readonly struct Kernel<TVector, TSimd>(float* sink) : ITileKernel
        where TVector : unmanaged
        where TSimd : struct, ISimd<float, TVector>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int tile)
        {
            // x ← x · factor + term tends to 1 whatever it starts from: no overflow, no subnormal numbers.
            TVector factor = TSimd.Broadcast(0.5f), term = TSimd.Broadcast(0.5f);
            TVector x0 = term, x1 = term, x2 = term, x3 = term, x4 = term, x5 = term;
            TVector x6 = term, x7 = term, x8 = term, x9 = term, x10 = term, x11 = term;
            for (int i = 0; i < IterationsPerTile; i++)
            {
                x0 = TSimd.MultiplyAdd(x0, factor, term);
                x1 = TSimd.MultiplyAdd(x1, factor, term);
                x2 = TSimd.MultiplyAdd(x2, factor, term);
                x3 = TSimd.MultiplyAdd(x3, factor, term);
                x4 = TSimd.MultiplyAdd(x4, factor, term);
                x5 = TSimd.MultiplyAdd(x5, factor, term);
                x6 = TSimd.MultiplyAdd(x6, factor, term);
                x7 = TSimd.MultiplyAdd(x7, factor, term);
                x8 = TSimd.MultiplyAdd(x8, factor, term);
                x9 = TSimd.MultiplyAdd(x9, factor, term);
                x10 = TSimd.MultiplyAdd(x10, factor, term);
                x11 = TSimd.MultiplyAdd(x11, factor, term);
            }

            TVector sum = TSimd.Add(
                TSimd.Add(TSimd.Add(TSimd.Add(x0, x1), TSimd.Add(x2, x3)), TSimd.Add(x4, x5)),
                TSimd.Add(TSimd.Add(TSimd.Add(x6, x7), TSimd.Add(x8, x9)), TSimd.Add(x10, x11)));
            TSimd.Store(sum, sink + (long)tile * TSimd.Lanes);
        }
    }
}
