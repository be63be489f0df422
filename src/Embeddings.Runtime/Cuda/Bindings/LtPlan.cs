namespace Embeddings.Cuda.Bindings;

/// <summary>
/// One shape of product as cublasLt takes it. cublasLt counts by columns, so the transposed product is asked of it: its first factor is
/// B and its second is A.
/// </summary>
internal sealed unsafe class LtPlan : IDisposable
{
    private readonly LtFunctions _lt;
    private readonly LtShape _shape;

    /// <summary>Makes the descriptors.</summary>
    public LtPlan(LtFunctions lt, in LtShape shape)
    {
        _lt = lt;
        _shape = shape;
        nint description;
        lt.Check(lt.MatmulDescCreate(&description, LtFunctions.ComputeSingle, LtFunctions.TypeSingle), "cublasLtMatmulDescCreate");
        Description = description;
        First = Layout(shape.Input, shape.TransposeB ? shape.K : shape.N, shape.TransposeB ? shape.N : shape.K, shape.LeadingB);
        Second = Layout(shape.Input, shape.TransposeA ? shape.M : shape.K, shape.TransposeA ? shape.K : shape.M, shape.LeadingA);
        Result = Layout(shape.Output, shape.N, shape.M, shape.LeadingC);
        Set(LtDescription.TransposeA, shape.TransposeB ? 1 : 0);
        Set(LtDescription.TransposeB, shape.TransposeA ? 1 : 0);
        Set(LtDescription.Epilogue, (int)EpilogueOf(shape.Epilogue));
        if (NamesBias(shape.Epilogue))
        {
            Set(LtDescription.BiasType, TypeOf(shape.Output));
        }

        if (NamesAuxiliary(shape.Epilogue))
        {
            Set(LtDescription.AuxiliaryType, TypeOf(shape.Output));
            Set(LtDescription.AuxiliaryLeading, (long)shape.LeadingAuxiliary);
        }
    }

    /// <summary>cublasLtMatmulDesc_t.</summary>
    public nint Description { get; }

    /// <summary>Layout of B.</summary>
    public nint First { get; }

    /// <summary>Layout of A.</summary>
    public nint Second { get; }

    /// <summary>Layout of C.</summary>
    public nint Result { get; }

    /// <summary>How to do it.</summary>
    public LtAlgorithm Algorithm { get; set; }

    /// <summary>Whether the library can do it at all; if not, the epilogue is done by a kernel of ours.</summary>
    public bool IsSupported { get; set; }

    /// <summary>Whether the algorithm was timed or read from a file, and so stays.</summary>
    public bool IsFinal { get; set; }

    /// <summary>Whether an epilogue reads or writes a bias.</summary>
    public static bool NamesBias(ProductEpilogue epilogue) =>
        epilogue is ProductEpilogue.Bias or ProductEpilogue.BiasGelu or ProductEpilogue.GeluGradientBias or ProductEpilogue.RowSumsOfA;

    /// <summary>Whether an epilogue reads or writes the pre-activation.</summary>
    public static bool NamesAuxiliary(ProductEpilogue epilogue) =>
        epilogue is ProductEpilogue.Gelu or ProductEpilogue.BiasGelu or ProductEpilogue.GeluGradient or ProductEpilogue.GeluGradientBias;

    /// <summary>Starts the product.</summary>
    /// <returns>The library's status.</returns>
    public int Run(nint handle, in DeviceProduct product, LtAlgorithm* algorithm, nint workspace, nuint workspaceBytes, nint stream)
    {
        if (NamesBias(product.Epilogue))
        {
            Set(LtDescription.BiasPointer, product.Bias);
        }

        if (NamesAuxiliary(product.Epilogue))
        {
            Set(LtDescription.AuxiliaryPointer, product.Auxiliary);
        }

        float alpha = product.Alpha;
        float beta = product.Beta;
        return _lt.Matmul(
            handle, Description, &alpha, product.B, First, product.A, Second, &beta, product.Addend == 0 ? product.C : product.Addend, Result, product.C, Result,
            algorithm, workspace, workspaceBytes, stream);
    }

    /// <summary>Asks the library for ways to do it, likeliest first.</summary>
    /// <param name="handle">The library's handle.</param>
    /// <param name="product">A product of this shape, for the alignment of its addresses.</param>
    /// <param name="workspaceBytes">Most workspace.</param>
    /// <param name="most">Most ways.</param>
    public LtHeuristic[] Heuristics(nint handle, in DeviceProduct product, nuint workspaceBytes, int most)
    {
        if (NamesBias(product.Epilogue))
        {
            Set(LtDescription.BiasPointer, product.Bias);
        }

        if (NamesAuxiliary(product.Epilogue))
        {
            Set(LtDescription.AuxiliaryPointer, product.Auxiliary);
        }

        nint preference;
        _lt.Check(_lt.PreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
        try
        {
            Prefer(preference, LtPreference.WorkspaceBytes, (ulong)workspaceBytes);
            Prefer(preference, LtPreference.ReductionSchemes, LtFunctions.ReductionInWorkspace);
            Prefer(preference, LtPreference.AlignmentOfA, _shape.Alignment(1));
            Prefer(preference, LtPreference.AlignmentOfA + 1, _shape.Alignment(0));
            Prefer(preference, LtPreference.AlignmentOfA + 2, _shape.Alignment(3));
            Prefer(preference, LtPreference.AlignmentOfA + 3, _shape.Alignment(2));
            var found = new LtHeuristic[most];
            int count;
            fixed (LtHeuristic* pointer = found)
            {
                int status = _lt.GetHeuristic(handle, Description, First, Second, Result, Result, preference, most, pointer, &count);
                if (status == LtFunctions.NotSupported)
                {
                    return [];
                }

                _lt.Check(status, "cublasLtMatmulAlgoGetHeuristic", _shape.ToString());
            }

            return [.. found.Take(count).Where(heuristic => heuristic.State == 0)];
        }
        finally
        {
            _lt.PreferenceDestroy(preference);
        }
    }

    /// <summary>Whether an algorithm from an earlier run can still do this shape.</summary>
    public bool Accepts(nint handle, LtAlgorithm algorithm, nuint workspaceBytes)
    {
        LtHeuristic result;
        return _lt.AlgoCheck(handle, Description, First, Second, Result, Result, &algorithm, &result) == 0
            && result.WorkspaceBytes <= workspaceBytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lt.MatmulDescDestroy(Description);
        _lt.MatrixLayoutDestroy(First);
        _lt.MatrixLayoutDestroy(Second);
        _lt.MatrixLayoutDestroy(Result);
    }

    private static int TypeOf(CudaElement element) => element == CudaElement.Single ? LtFunctions.TypeSingle : LtFunctions.TypeBFloat16;

    private static LtEpilogue EpilogueOf(ProductEpilogue epilogue) => epilogue switch
    {
        ProductEpilogue.Bias => LtEpilogue.Bias,
        ProductEpilogue.Gelu => LtEpilogue.GeluSaved,
        ProductEpilogue.BiasGelu => LtEpilogue.GeluSavedBias,
        ProductEpilogue.GeluGradient => LtEpilogue.GeluGradient,
        ProductEpilogue.GeluGradientBias => LtEpilogue.GeluGradientBias,
        ProductEpilogue.RowSumsOfA => LtEpilogue.SumsOfB,
        _ => LtEpilogue.None,
    };

    private nint Layout(CudaElement element, int rows, int columns, int leading)
    {
        nint layout;
        _lt.Check(_lt.MatrixLayoutCreate(&layout, TypeOf(element), (ulong)rows, (ulong)columns, leading), "cublasLtMatrixLayoutCreate");
        return layout;
    }

    private void Set<T>(LtDescription attribute, T value)
        where T : unmanaged =>
        _lt.Check(_lt.MatmulDescSetAttribute(Description, (int)attribute, &value, (nuint)sizeof(T)), "cublasLtMatmulDescSetAttribute");

    private void Prefer<T>(nint preference, LtPreference attribute, T value)
        where T : unmanaged =>
        _lt.Check(_lt.PreferenceSetAttribute(preference, (int)attribute, &value, (nuint)sizeof(T)), "cublasLtMatmulPreferenceSetAttribute");
}
