using System.Runtime.InteropServices;

namespace Embeddings.Cuda.Bindings;

/// <summary>The functions of cublasLt that are used, by their own names, and the numbers of its attributes.</summary>
internal sealed unsafe class LtFunctions
{
    /// <summary>cudaDataType of fp32.</summary>
    public const int TypeSingle = 0;

    /// <summary>cudaDataType of bf16.</summary>
    public const int TypeBFloat16 = 14;

    /// <summary>CUBLAS_COMPUTE_32F: fp32 sums, and fp32 products of fp32.</summary>
    public const int ComputeSingle = 68;

    /// <summary>CUBLAS_STATUS_NOT_SUPPORTED.</summary>
    public const int NotSupported = 15;

    /// <summary>CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE: parts of a sum meet in the workspace, in a fixed order.</summary>
    public const uint ReductionInWorkspace = 2;

    /// <summary>Finds the functions.</summary>
    /// <param name="library">The loaded cublasLt.</param>
    public LtFunctions(nint library)
    {
        var functions = new NativeFunctions(library, NativeCandidates.Products.Purpose);
        Create = (delegate* unmanaged<nint*, int>)functions["cublasLtCreate"];
        Destroy = (delegate* unmanaged<nint, int>)functions["cublasLtDestroy"];
        GetVersion = (delegate* unmanaged<nuint>)functions["cublasLtGetVersion"];
        GetStatusName = (delegate* unmanaged<int, byte*>)functions["cublasLtGetStatusName"];
        MatmulDescCreate = (delegate* unmanaged<nint*, int, int, int>)functions["cublasLtMatmulDescCreate"];
        MatmulDescDestroy = (delegate* unmanaged<nint, int>)functions["cublasLtMatmulDescDestroy"];
        MatmulDescSetAttribute = (delegate* unmanaged<nint, int, void*, nuint, int>)functions["cublasLtMatmulDescSetAttribute"];
        MatrixLayoutCreate = (delegate* unmanaged<nint*, int, ulong, ulong, long, int>)functions["cublasLtMatrixLayoutCreate"];
        MatrixLayoutDestroy = (delegate* unmanaged<nint, int>)functions["cublasLtMatrixLayoutDestroy"];
        PreferenceCreate = (delegate* unmanaged<nint*, int>)functions["cublasLtMatmulPreferenceCreate"];
        PreferenceDestroy = (delegate* unmanaged<nint, int>)functions["cublasLtMatmulPreferenceDestroy"];
        PreferenceSetAttribute = (delegate* unmanaged<nint, int, void*, nuint, int>)functions["cublasLtMatmulPreferenceSetAttribute"];
        GetHeuristic = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, LtHeuristic*, int*, int>)
            functions["cublasLtMatmulAlgoGetHeuristic"];
        AlgoCheck = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, LtAlgorithm*, LtHeuristic*, int>)functions["cublasLtMatmulAlgoCheck"];
        Matmul = (delegate* unmanaged<nint, nint, void*, nint, nint, nint, nint, void*, nint, nint, nint, nint, LtAlgorithm*, nint, nuint, nint, int>)
            functions["cublasLtMatmul"];
    }

    /// <summary>cublasLtCreate.</summary>
    public delegate* unmanaged<nint*, int> Create { get; }

    /// <summary>cublasLtDestroy.</summary>
    public delegate* unmanaged<nint, int> Destroy { get; }

    /// <summary>cublasLtGetVersion.</summary>
    public delegate* unmanaged<nuint> GetVersion { get; }

    /// <summary>cublasLtGetStatusName.</summary>
    public delegate* unmanaged<int, byte*> GetStatusName { get; }

    /// <summary>cublasLtMatmulDescCreate: descriptor, type of sums, type of factors.</summary>
    public delegate* unmanaged<nint*, int, int, int> MatmulDescCreate { get; }

    /// <summary>cublasLtMatmulDescDestroy.</summary>
    public delegate* unmanaged<nint, int> MatmulDescDestroy { get; }

    /// <summary>cublasLtMatmulDescSetAttribute: descriptor, <see cref="LtDescription"/>, value, its bytes.</summary>
    public delegate* unmanaged<nint, int, void*, nuint, int> MatmulDescSetAttribute { get; }

    /// <summary>cublasLtMatrixLayoutCreate: layout, type, rows, columns, leading dimension; by columns.</summary>
    public delegate* unmanaged<nint*, int, ulong, ulong, long, int> MatrixLayoutCreate { get; }

    /// <summary>cublasLtMatrixLayoutDestroy.</summary>
    public delegate* unmanaged<nint, int> MatrixLayoutDestroy { get; }

    /// <summary>cublasLtMatmulPreferenceCreate.</summary>
    public delegate* unmanaged<nint*, int> PreferenceCreate { get; }

    /// <summary>cublasLtMatmulPreferenceDestroy.</summary>
    public delegate* unmanaged<nint, int> PreferenceDestroy { get; }

    /// <summary>cublasLtMatmulPreferenceSetAttribute: preference, <see cref="LtPreference"/>, value, its bytes.</summary>
    public delegate* unmanaged<nint, int, void*, nuint, int> PreferenceSetAttribute { get; }

    /// <summary>cublasLtMatmulAlgoGetHeuristic: handle, descriptor, layouts of A, B, C, D, preference, most, results, their number.</summary>
    public delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, LtHeuristic*, int*, int> GetHeuristic { get; }

    /// <summary>cublasLtMatmulAlgoCheck: handle, descriptor, layouts of A, B, C, D, algorithm, result.</summary>
    public delegate* unmanaged<nint, nint, nint, nint, nint, nint, LtAlgorithm*, LtHeuristic*, int> AlgoCheck { get; }

    /// <summary>cublasLtMatmul: handle, descriptor, α, A and its layout, B and its, β, C and its, D and its, algorithm, workspace, bytes, stream.</summary>
    public delegate* unmanaged<nint, nint, void*, nint, nint, nint, nint, void*, nint, nint, nint, nint, LtAlgorithm*, nint, nuint, nint, int> Matmul { get; }

    /// <summary>Refuses a status other than success.</summary>
    public void Check(int status, string call, string subject = "")
    {
        if (status != 0)
        {
            byte* name = GetStatusName(status);
            throw new CudaException(call, name == null ? "an unknown status" : Marshal.PtrToStringUTF8((nint)name)!, status, subject);
        }
    }
}

/// <summary>cublasLtMatmulAlgo_t: how to do a product; its bytes may be kept for use with the same version of the library.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LtAlgorithm
{
    /// <summary>Eight words.</summary>
    public fixed ulong Data[8];
}

/// <summary>cublasLtMatmulHeuristicResult_t.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LtHeuristic
{
    /// <summary>How to do it.</summary>
    public LtAlgorithm Algorithm;

    /// <summary>Bytes of workspace it needs.</summary>
    public nuint WorkspaceBytes;

    /// <summary>0 where the rest is valid.</summary>
    public int State;

    /// <summary>How often the device is filled.</summary>
    public float Waves;

    /// <summary>Not used.</summary>
    public fixed int Reserved[4];
}

/// <summary>cublasLtMatmulDescAttributes_t.</summary>
internal enum LtDescription
{
    /// <summary>CUBLASLT_MATMUL_DESC_TRANSA, int: 0 or 1.</summary>
    TransposeA = 3,

    /// <summary>CUBLASLT_MATMUL_DESC_TRANSB, int.</summary>
    TransposeB = 4,

    /// <summary>CUBLASLT_MATMUL_DESC_EPILOGUE, int: <see cref="LtEpilogue"/>.</summary>
    Epilogue = 7,

    /// <summary>CUBLASLT_MATMUL_DESC_BIAS_POINTER, an address.</summary>
    BiasPointer = 8,

    /// <summary>CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, an address.</summary>
    AuxiliaryPointer = 11,

    /// <summary>CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, long: a multiple of 8.</summary>
    AuxiliaryLeading = 12,

    /// <summary>CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE, int.</summary>
    AuxiliaryType = 22,

    /// <summary>CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, int.</summary>
    BiasType = 26,
}

/// <summary>cublasLtMatmulPreferenceAttributes_t.</summary>
internal enum LtPreference
{
    /// <summary>CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, ulong.</summary>
    WorkspaceBytes = 1,

    /// <summary>CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, uint.</summary>
    ReductionSchemes = 3,

    /// <summary>CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, uint; those of B, C and D follow it.</summary>
    AlignmentOfA = 5,
}

/// <summary>cublasLtEpilogue_t.</summary>
internal enum LtEpilogue
{
    /// <summary>CUBLASLT_EPILOGUE_DEFAULT.</summary>
    None = 1,

    /// <summary>CUBLASLT_EPILOGUE_BIAS.</summary>
    Bias = 4,

    /// <summary>CUBLASLT_EPILOGUE_GELU_AUX.</summary>
    GeluSaved = 160,

    /// <summary>CUBLASLT_EPILOGUE_GELU_AUX_BIAS.</summary>
    GeluSavedBias = 164,

    /// <summary>CUBLASLT_EPILOGUE_DGELU.</summary>
    GeluGradient = 192,

    /// <summary>CUBLASLT_EPILOGUE_DGELU_BGRAD.</summary>
    GeluGradientBias = 208,

    /// <summary>CUBLASLT_EPILOGUE_BGRADB: sums of the second factor over k.</summary>
    SumsOfB = 512,
}
