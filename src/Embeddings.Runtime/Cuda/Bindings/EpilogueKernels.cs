namespace Embeddings.Cuda.Bindings;

/// <summary>Epilogues as kernels of their own, for products whose library cannot fuse them.</summary>
/// <param name="device">The device.</param>
internal sealed unsafe class EpilogueKernels(ICudaDevice device)
{
    private const int Threads = 256;

    private readonly nint[] _modules = new nint[2];
    private readonly Dictionary<(CudaElement Element, string Name), nint> _kernels = [];

    /// <summary>CUDA C of the kernels.</summary>
    public static string Text => KernelLibrary.Read("prelude") + "\n" + KernelLibrary.Read("epilogues");

    /// <summary>Does to C what the epilogue of a product asks for, C holding the plain product.</summary>
    public void Run(in DeviceProduct product)
    {
        nint c = product.C;
        nint bias = product.Bias;
        nint auxiliary = product.Auxiliary;
        int m = product.M;
        int n = product.N;
        int leading = product.LeadingC;
        int leadingAuxiliary = product.LeadingAuxiliary;
        var shape = new LaunchShape((n + Threads - 1) / Threads, Math.Min(m, 65_535), 1, Threads, 0);
        void** values = stackalloc void*[] { &c, &bias, &auxiliary, &m, &n, &leading, &leadingAuxiliary };
        switch (product.Epilogue)
        {
            case ProductEpilogue.Bias:
                void** biasValues = stackalloc void*[] { &c, &bias, &m, &n, &leading };
                device.Launch(Kernel(product.OutputElement, "addBias"), shape, biasValues, 5);
                break;
            case ProductEpilogue.Gelu or ProductEpilogue.BiasGelu:
                bias = product.Epilogue == ProductEpilogue.Gelu ? 0 : bias;
                device.Launch(Kernel(product.OutputElement, "biasGelu"), shape, values, 7);
                break;
            case ProductEpilogue.GeluGradient or ProductEpilogue.GeluGradientBias:
                void** slopeValues = stackalloc void*[] { &c, &auxiliary, &m, &n, &leading, &leadingAuxiliary };
                device.Launch(Kernel(product.OutputElement, "geluGradient"), shape, slopeValues, 6);
                if (product.Epilogue == ProductEpilogue.GeluGradientBias)
                {
                    Sums(product.OutputElement, product.OutputElement, c, bias, n, m, 1, leading);
                }

                break;
            case ProductEpilogue.RowSumsOfA:
                (int along, int across) = product.TransposeA ? (1, product.LeadingA) : (product.LeadingA, 1);
                Sums(product.InputElement, product.OutputElement, product.A, bias, m, product.K, along, across);
                break;
        }
    }

    /// <summary>sums[i] = Σ over j of x[i · along + j · across].</summary>
    private void Sums(CudaElement element, CudaElement output, nint x, nint sums, int count, int terms, int along, int across)
    {
        string name = output == CudaElement.Single ? "sumsToSingle" : "sumsToElement";
        void** values = stackalloc void*[] { &x, &sums, &count, &terms, &along, &across };
        device.Launch(Kernel(element, name), new LaunchShape((count + Threads - 1) / Threads, Threads), values, 6);
    }

    private nint Kernel(CudaElement element, string name)
    {
        if (!_kernels.TryGetValue((element, name), out nint kernel))
        {
            if (_modules[(int)element] == 0)
            {
                _modules[(int)element] = device.LoadModule(
                    Text, "epilogues.cu", element == CudaElement.BFloat16 ? [KernelLibrary.BFloat16Macro] : []);
            }

            kernel = device.Kernel(_modules[(int)element], name, 0);
            _kernels.Add((element, name), kernel);
        }

        return kernel;
    }
}
