using System.Runtime.InteropServices;

namespace Embeddings.Benchmarks;

/// <summary>
/// A native library that exports BLAS's <c>sgemm_</c> (OpenBLAS's, or libtorch's <c>libtorch_cpu.so</c>, which carries MKL), to time
/// beside <see cref="Cpu.MatMul"/>. How many threads it takes, and how long they spin, is said by its own variables: <c>OMP_NUM_THREADS</c>,
/// <c>OPENBLAS_NUM_THREADS</c>; OpenBLAS's threads spin for 2 to the power of <c>OPENBLAS_THREAD_TIMEOUT</c> cycles, of which 20 leaves the
/// others' samples alone.
/// </summary>
internal sealed unsafe class BlasLibrary
{
    private const byte AsItIs = (byte)'N', Transposed = (byte)'T';

    private readonly delegate* unmanaged<byte*, byte*, int*, int*, int*, float*, float*, int*, float*, int*, float*, float*, int*, void> _sgemm;

    /// <summary>Loads a library.</summary>
    /// <param name="path">Its file.</param>
    public BlasLibrary(string path)
    {
        Name = Path.GetFileName(path).Split('.')[0];
        _sgemm = (delegate* unmanaged<byte*, byte*, int*, int*, int*, float*, float*, int*, float*, int*, float*, float*, int*, void>)
            NativeLibrary.GetExport(NativeLibrary.Load(path), "sgemm_");
    }

    /// <summary>The file's name up to its first dot.</summary>
    public string Name { get; }

    /// <summary>y[rows, outputs] = x[rows, inputs] · weight[outputs, inputs]ᵀ.</summary>
    public void Forward(int rows, int outputs, int inputs, float* x, float* weight, float* y) =>
        Multiply(Transposed, AsItIs, outputs, rows, inputs, weight, inputs, x, inputs, 0, y, outputs);

    /// <summary>dx[rows, inputs] = dy[rows, outputs] · weight[outputs, inputs].</summary>
    public void InputGradient(int rows, int outputs, int inputs, float* dy, float* weight, float* dx) =>
        Multiply(AsItIs, AsItIs, inputs, rows, outputs, weight, inputs, dy, outputs, 0, dx, inputs);

    /// <summary>dweight[outputs, inputs] += dy[rows, outputs]ᵀ · x[rows, inputs].</summary>
    public void WeightGradient(int rows, int outputs, int inputs, float* dy, float* x, float* dweight) =>
        Multiply(AsItIs, Transposed, inputs, outputs, rows, x, inputs, dy, outputs, 1, dweight, inputs);

    /// <summary>BLAS counts by columns: what is a matrix by rows here is its transpose there, and factors change places.</summary>
    private void Multiply(
        byte transposeA, byte transposeB, int m, int n, int k, float* a, int aStride, float* b, int bStride, float beta, float* c, int cStride)
    {
        float one = 1;
        _sgemm(&transposeA, &transposeB, &m, &n, &k, &one, a, &aStride, b, &bStride, &beta, c, &cStride);
    }
}
