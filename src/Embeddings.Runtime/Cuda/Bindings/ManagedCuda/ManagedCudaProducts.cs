using ManagedCuda.BasicTypes;
using ManagedCuda.CudaBlas;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// Matrix products by cublasGemmEx, since ManagedCuda does not wrap cublasLt; every epilogue is a kernel of its own, and an addend
/// is copied first. cuBLAS counts by
/// columns, so the transposed product is asked of it.
/// </summary>
internal sealed unsafe class ManagedCudaProducts : IMatrixProducts
{
    private const long WorkspaceBytes = 32L << 20;

    private readonly ICudaDevice _device;
    private readonly CudaBlasHandle _handle;
    private readonly nint _workspace;
    private readonly EpilogueKernels _epilogues;

    /// <summary>Opens the library on a device.</summary>
    /// <param name="device">The device, its context current.</param>
    /// <param name="stream">Where the work goes.</param>
    public ManagedCudaProducts(ICudaDevice device, nint stream)
    {
        _device = device;
        Check(CudaBlasNativeMethods.cublasCreate_v2(ref _handle), "cublasCreate");
        Check(CudaBlasNativeMethods.cublasSetStream_v2(_handle, new CUstream { Pointer = stream }), "cublasSetStream");
        _workspace = device.Allocate(WorkspaceBytes, "workspace of matrix products");
        Check(CudaBlasNativeMethods.cublasSetWorkspace_v2(_handle, CudaHandles.Pointer(_workspace), WorkspaceBytes), "cublasSetWorkspace");
        int version = 0;
        Check(CudaBlasNativeMethods.cublasGetVersion_v2(_handle, ref version), "cublasGetVersion");
        Version = version;
        _epilogues = new EpilogueKernels(device);
    }

    /// <inheritdoc/>
    public long Version { get; }

    /// <inheritdoc/>
    public void Multiply(in DeviceProduct product, bool mayTime)
    {
        CopyAddend(product);
        float alpha = product.Alpha;
        float beta = product.Beta;
        cudaDataType input = TypeOf(product.InputElement);
        cudaDataType output = TypeOf(product.OutputElement);
        CublasStatus status = CudaBlasNativeMethods.cublasGemmEx(
            _handle, Form(product.TransposeB), Form(product.TransposeA), product.N, product.M, product.K,
            (nint)(&alpha), CudaHandles.Pointer(product.B), input, product.LeadingB, CudaHandles.Pointer(product.A), input, product.LeadingA,
            (nint)(&beta), CudaHandles.Pointer(product.C), output, product.LeadingC, ComputeType.Compute32F, GemmAlgo.Default);
        if (status != CublasStatus.Success)
        {
            Check(status, "cublasGemmEx", LtShape.Of(product).ToString());
        }

        _epilogues.Run(product);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CudaBlasNativeMethods.cublasDestroy_v2(_handle);
        _device.Free(_workspace);
    }

    /// <summary>Brings the addend to C: at once where rows follow one another, else row by row, because other columns are not C's.</summary>
    private void CopyAddend(in DeviceProduct product)
    {
        if (product.Addend == 0)
        {
            return;
        }

        int element = product.OutputElement.Bytes();
        int rows = product.LeadingC == product.N ? product.M : 1;
        for (int row = 0; row < product.M; row += rows)
        {
            nint offset = (nint)row * product.LeadingC * element;
            _device.Copy(product.C + offset, product.Addend + offset, (long)rows * product.N * element);
        }
    }

    private static Operation Form(bool transposed) => transposed ? Operation.Transpose : Operation.NonTranspose;

    private static cudaDataType TypeOf(CudaElement element) => element == CudaElement.Single ? cudaDataType.CUDA_R_32F : cudaDataType.CUDA_R_16BF;

    private static void Check(CublasStatus status, string call, string subject = "")
    {
        if (status != CublasStatus.Success)
        {
            throw new CudaException(call, $"CUBLAS_STATUS {status}", (int)status, subject);
        }
    }
}
