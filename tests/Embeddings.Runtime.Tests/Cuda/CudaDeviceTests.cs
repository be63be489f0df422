using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Embeddings.Cuda;
using Embeddings.Cuda.Bindings;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>The device through the binding of the driver and NVRTC, against the stub.</summary>
[Collection(StubLibrary.Name)]
public sealed unsafe class CudaDeviceTests : IDisposable
{
    private const string Add = "#include \"emulator.h\"\nKERNEL(32) add(float* y, float amount, i64 count)\n{ if (threadX() < count) { y[threadX()] += amount; } }";

    private readonly StubLibrary _stub = new();

    public static TheoryData<string, int, string> DriverStatuses
    {
        get
        {
            var rows = new TheoryData<string, int, string>();
            foreach ((int status, string name) in (ReadOnlySpan<(int, string)>)
                [(1, "CUDA_ERROR_INVALID_VALUE"), (3, "CUDA_ERROR_NOT_INITIALIZED"), (201, "CUDA_ERROR_INVALID_CONTEXT"), (400, "CUDA_ERROR_INVALID_HANDLE"),
                 (700, "CUDA_ERROR_ILLEGAL_ADDRESS"), (701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"), (719, "CUDA_ERROR_LAUNCH_FAILED"),
                 (999, "CUDA_ERROR_UNKNOWN"), (12345, "an unknown status")])
            {
                rows.Add("cuLaunchKernel", status, name);
            }

            foreach (string function in (ReadOnlySpan<string>)
                ["cuMemAlloc_v2", "cuMemFree_v2", "cuMemHostAlloc", "cuMemFreeHost", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyDtoDAsync_v2",
                 "cuMemsetD8Async", "cuStreamSynchronize", "cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags", "cuGraphDestroy",
                 "cuGraphLaunch", "cuGraphExecDestroy", "cuEventCreate", "cuEventRecord", "cuEventSynchronize", "cuEventElapsedTime", "cuEventDestroy_v2",
                 "cuModuleLoadData", "cuModuleGetFunction", "cuFuncSetAttribute"])
            {
                rows.Add(function, 700, "CUDA_ERROR_ILLEGAL_ADDRESS");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(DriverStatuses))]
    public void A_status_becomes_an_exception_with_the_call_and_the_codes_name(string function, int status, string name)
    {
        using CudaDevice device = _stub.Open();
        StubLibrary.Fail(function, status);
        CudaException error = Assert.Throws<CudaException>(() => CallEverything(device));
        Assert.Equal(function.Replace("_v2", "", StringComparison.Ordinal), error.Call);
        Assert.Equal(name, error.Code);
        Assert.Equal(status, error.Status);
        if (function == "cuLaunchKernel")
        {
            Assert.Equal($"cuLaunchKernel of add with 1 x 1 x 1 blocks of 32 threads and 0 bytes failed with {name} ({status}).", error.Message);
        }
    }

    [Theory]
    [InlineData("cuDeviceGet")]
    [InlineData("cuDeviceGetName")]
    [InlineData("cuDriverGetVersion")]
    [InlineData("cuDeviceGetAttribute")]
    [InlineData("cuDevicePrimaryCtxRetain")]
    [InlineData("cuCtxSetCurrent")]
    [InlineData("cuMemGetInfo_v2")]
    [InlineData("cuStreamCreate")]
    [InlineData("cublasLtCreate")]
    [InlineData("nvrtcVersion")]
    public void A_status_while_opening_becomes_an_exception(string function)
    {
        Assert.SkipWhen(function.StartsWith("cublasLt", StringComparison.Ordinal) && !StubLibrary.IsLt, "This build has no cublasLt.");
        StubLibrary.Fail(function, 3);
        Assert.Equal(function.Replace("_v2", "", StringComparison.Ordinal), Assert.Throws<CudaException>(() => _stub.Open().Dispose()).Call);
    }

    [Theory]
    [InlineData("nvrtcCreateProgram", "NVRTC_ERROR_INVALID_INPUT", 3)]
    [InlineData("nvrtcGetNumSupportedArchs", "NVRTC_ERROR_OUT_OF_MEMORY", 1)]
    [InlineData("nvrtcGetSupportedArchs", "NVRTC_ERROR_OUT_OF_MEMORY", 1)]
    [InlineData("nvrtcGetCUBINSize", "NVRTC_ERROR_INVALID_PROGRAM", 4)]
    [InlineData("nvrtcGetCUBIN", "NVRTC_ERROR_INVALID_PROGRAM", 4)]
    [InlineData("cublasLtMatmul", "CUBLAS_STATUS_EXECUTION_FAILED", 13)]
    [InlineData("cublasLtMatmulDescCreate", "CUBLAS_STATUS_ALLOC_FAILED", 3)]
    [InlineData("cublasLtMatmulDescSetAttribute", "CUBLAS_STATUS_INVALID_VALUE", 7)]
    [InlineData("cublasLtMatrixLayoutCreate", "CUBLAS_STATUS_ALLOC_FAILED", 3)]
    [InlineData("cublasLtMatmulPreferenceCreate", "CUBLAS_STATUS_ALLOC_FAILED", 3)]
    [InlineData("cublasLtMatmulPreferenceSetAttribute", "CUBLAS_STATUS_INVALID_VALUE", 7)]
    [InlineData("cublasLtMatmulAlgoGetHeuristic", "CUBLAS_STATUS_INTERNAL_ERROR", 14)]
    public void A_status_of_the_compiler_or_of_products_becomes_an_exception(string function, string name, int status)
    {
        Assert.SkipWhen(function.StartsWith("cublasLt", StringComparison.Ordinal) && !StubLibrary.IsLt, "This build has no cublasLt.");
        using CudaDevice device = _stub.Open();
        nint memory = device.Allocate(256, "matrices");
        var product = new DeviceProduct
        {
            M = 4, N = 4, K = 4, A = memory, B = memory, C = memory, LeadingA = 4, LeadingB = 4, LeadingC = 4, Alpha = 1,
        };
        CudaException error = Assert.Throws<CudaException>(() =>
        {
            if (function == "cublasLtMatmul")
            {
                device.Multiply(product);
            }

            StubLibrary.Fail(function, status);
            device.LoadModule(Add, "add.cu", []);
            device.Multiply(product);
        });
        Assert.Equal((function, name, status), (error.Call, error.Code, error.Status));
    }

    [Theory]
    [InlineData("nvrtcGetPTXSize")]
    [InlineData("nvrtcGetPTX")]
    public void A_status_while_compiling_for_a_newer_device_becomes_an_exception(string function)
    {
        var compiler = new KernelCompiler(StubLibrary.Library);
        StubLibrary.Fail(function, 4);
        CudaException error = Assert.Throws<CudaException>(() => compiler.Compile(Add, "add.cu", [], 120));
        Assert.Equal((function, "NVRTC_ERROR_INVALID_PROGRAM", "add.cu"), (error.Call, error.Code, error.Subject));
    }

    [Fact]
    public void A_driver_that_does_not_start_or_count_is_told_with_the_code()
    {
        StubLibrary.Fail("cuInit", 999);
        Assert.Equal(
            "There is no usable CUDA device here: cuInit failed with CUDA_ERROR_UNKNOWN (999).",
            Assert.Throws<CudaUnavailableException>(() => CudaDevice.Open().Dispose()).Message);
        StubLibrary.Fail("cuDeviceGetCount", 999);
        Assert.Equal(
            "cuDeviceGetCount failed with CUDA_ERROR_UNKNOWN (999).", Assert.Throws<CudaException>(() => CudaDevice.Open().Dispose()).Message);
        Assert.Equal("There is no CUDA device 1; this machine has 1.", Assert.Throws<CudaUnavailableException>(() => CudaDevice.Open(1).Dispose()).Message);
    }

    /// <summary>A kernel that fails while it runs is told by the call that waits; where each launch is waited for, with its name.</summary>
    [Fact]
    public void A_kernel_that_fails_is_named_where_each_is_waited_for()
    {
        Environment.SetEnvironmentVariable(CudaDevice.SynchronousVariable, "1");
        try
        {
            using CudaDevice device = _stub.Open();
            nint y = device.Allocate(128, "y");
            nint kernel = device.Kernel(device.LoadModule(Add, "add.cu", []), "add", 0);
            StubLibrary.Fail("cuStreamSynchronize", 700);
            Assert.Equal(
                "cuStreamSynchronize of add failed with CUDA_ERROR_ILLEGAL_ADDRESS (700).",
                Assert.Throws<CudaException>(() => Launch(device, kernel, y)).Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CudaDevice.SynchronousVariable, null);
        }
    }

    [Fact]
    public void A_text_that_does_not_compile_is_told_with_the_compilers_words()
    {
        using CudaDevice device = _stub.Open();
        CudaException error = Assert.Throws<CudaException>(() => device.LoadModule("#include \"emulator.h\"\nKERNEL(32) k(float* y)\n{ z[0] = 1; }", "Small.cu", []));
        Assert.StartsWith("nvrtcCompileProgram of Small.cu failed with NVRTC_ERROR_COMPILATION (6):\n", error.Message);
        Assert.Contains("Small.cu:3", error.Message);
        Assert.Contains("‘z’ was not declared", error.Message.Replace('\'', '’'));
    }

    [Theory]
    [InlineData(90, "--gpu-architecture=sm_90")]
    [InlineData(89, "--gpu-architecture=sm_89")]
    [InlineData(86, "--gpu-architecture=compute_80")]
    [InlineData(120, "--gpu-architecture=compute_90")]
    public void A_device_newer_than_the_compiler_gets_code_to_translate(int capability, string option)
    {
        byte[] image = new KernelCompiler(StubLibrary.Library).Compile(Add, "add.cu", ["A", "B=2"], capability);
        Assert.Equal(option + "\n--std=c++17\n--define-macro=A\n--define-macro=B=2\n", StubLibrary.Options);
        Assert.Equal(0, image[^1]);
    }

    [Fact]
    public void The_device_describes_itself()
    {
        using CudaDevice device = _stub.Open();
        Assert.Equal("Stub Device", device.Info.Name);
        Assert.Equal((90, 4, 227 << 10), (device.Info.ComputeCapability, device.Info.Multiprocessors, device.Info.SharedBytesPerBlock));
        Assert.Equal((12080, 12080, 120803), (device.Info.DriverVersion, device.Info.CompilerVersion, (int)device.Info.ProductsVersion));
        Assert.Equal(8L << 30, device.Info.TotalBytes);
        Assert.Equal((8L << 30) - (32 << 20), device.Info.FreeBytes);
    }

    [Fact]
    public void A_launch_allocates_nothing()
    {
        using CudaDevice device = _stub.Open();
        nint y = device.Allocate(128, "y");
        nint kernel = device.Kernel(device.LoadModule(Add, "add.cu", []), "add", 0);
        StubLibrary.Set("stub_launch_nothing", 1);
        Launch(device, kernel, y);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Launch(device, kernel, y);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1001, StubLibrary.Calls("cuLaunchKernel"));
    }

    [Fact]
    public void A_product_an_event_a_copy_and_a_graph_allocate_nothing()
    {
        using CudaDevice device = _stub.Open();
        nint memory = device.Allocate(1024, "matrices"), pinned = device.AllocatePinned(64, "pinned"), mark = device.CreateEvent();
        var product = new DeviceProduct
        {
            M = 4, N = 4, K = 4, A = memory, B = memory + 256, C = memory + 512, LeadingA = 4, LeadingB = 4, LeadingC = 4, Alpha = 1,
        };
        nint graph = device.Capture(() => device.Clear(memory, 64));
        long before = 0;
        for (int i = 0; i < 100; i++)
        {
            before = i == 1 ? GC.GetAllocatedBytesForCurrentThread() : before;
            device.Multiply(product);
            device.UploadPinned(memory, pinned, 64);
            device.Replay(graph);
            device.Record(mark);
            device.Wait(mark);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Kernels_copies_and_graphs_do_their_work()
    {
        using CudaDevice device = _stub.Open();
        nint y = device.Allocate(128, "y"), z = device.Allocate(128, "z");
        nint kernel = device.Kernel(device.LoadModule(Add, "add.cu", []), "add", 0);
        nint graph = device.Capture(() =>
        {
            Launch(device, kernel, y);
            device.Copy(z, y, 128);
            device.Clear(y, 4);
        });
        Assert.All(Download(device, y), value => Assert.Equal(0, value));
        device.Replay(graph);
        device.Replay(graph);
        Assert.Equal([0f, 4f], Download(device, y)[..2]);
        Assert.Equal([2f, 4f], Download(device, z)[..2]);
        device.FreeGraph(graph);
    }

    [Fact]
    public void Another_thread_may_use_it()
    {
        using CudaDevice device = _stub.Open();
        nint y = device.Allocate(128, "y");
        long before = StubLibrary.Calls("cuCtxSetCurrent");
        var thread = new Thread(() => device.Clear(y, 128));
        thread.Start();
        thread.Join();
        device.Clear(y, 128);
        Assert.Equal(before + 1, StubLibrary.Calls("cuCtxSetCurrent"));
    }

    [Fact]
    public void A_capture_whose_work_fails_is_ended()
    {
        using CudaDevice device = _stub.Open();
        nint memory = device.Allocate(64, "memory");
        Assert.Throws<InvalidOperationException>(() => device.Capture(() => throw new InvalidOperationException()));
        Assert.Throws<CudaException>(() => device.Capture(device.Synchronize));
        device.FreeGraph(device.Capture(() => device.Clear(memory, 64)));
        device.Synchronize();
    }

    [Fact]
    public void Shared_memory_beyond_the_usual_is_asked_for()
    {
        using CudaDevice device = _stub.Open();
        nint module = device.LoadModule(Add, "add.cu", []);
        device.Kernel(module, "add", 48 << 10);
        Assert.Equal(0, StubLibrary.Calls("cuFuncSetAttribute"));
        device.Kernel(module, "add", 100 << 10);
        Assert.Equal(1, StubLibrary.Calls("cuFuncSetAttribute"));
        CudaException error = Assert.Throws<CudaException>(() => device.Kernel(module, "none", 0));
        Assert.Equal("cuModuleGetFunction of none failed with CUDA_ERROR_NOT_FOUND (500).", error.Message);
    }

    [Fact]
    public void Memory_that_does_not_fit_is_told_with_what_takes_it()
    {
        using CudaDevice device = _stub.Open();
        device.Allocate(1000, "small things");
        OutOfDeviceMemoryException error = Assert.Throws<OutOfDeviceMemoryException>(() => device.Allocate(1L << 40, "logits"));
        Assert.Equal(
            "1,099,511,627,776 bytes for logits do not fit on Stub Device, which has 8,556,379,160 free, besides "
            + "33,554,432 for workspace of matrix products, 1,000 for small things; declare a smaller batch.",
            error.Message);
    }

    [Fact]
    public void Memory_is_zero_at_first_and_all_given_back_at_the_end()
    {
        long before = StubLibrary.Allocations;
        using (CudaDevice device = _stub.Open())
        {
            Assert.All(Download(device, device.Allocate(128, "y")), value => Assert.Equal(0, value));
            device.Free(device.Allocate(128, "z"));
            device.Free(0);
        }

        Assert.Equal(before, StubLibrary.Allocations);
        Assert.Equal(1, StubLibrary.Calls("cuDevicePrimaryCtxRelease_v2"));
    }

    [Fact]
    public void Structures_are_laid_out_as_the_library_declares_them()
    {
        Assert.Equal(64, sizeof(LtAlgorithm));
        Assert.Equal(96, sizeof(LtHeuristic));
        Assert.Equal(64, Marshal.OffsetOf<LtHeuristic>(nameof(LtHeuristic.WorkspaceBytes)));
        Assert.Equal(72, Marshal.OffsetOf<LtHeuristic>(nameof(LtHeuristic.State)));
        Assert.Equal(76, Marshal.OffsetOf<LtHeuristic>(nameof(LtHeuristic.Waves)));
        Assert.Equal(80, Marshal.OffsetOf<LtHeuristic>(nameof(LtHeuristic.Reserved)));
    }

    [Fact]
    public void A_library_without_a_function_is_refused_by_its_name()
    {
        nint other = NativeLibrary.Load("libc.so.6");
        Assert.Equal(
            "The library found as the NVIDIA driver (libcuda) has no cuInit; it is too old: CUDA 12 or 13 is needed.",
            Assert.Throws<CudaUnavailableException>(() => new OwnDriver(other)).Message);
        Assert.Contains("has no nvrtcVersion", Assert.Throws<CudaUnavailableException>(() => new KernelCompiler(other)).Message);
        Assert.Contains("has no cublasLtCreate", Assert.Throws<CudaUnavailableException>(() => new LtFunctions(other)).Message);
    }

    public void Dispose() => _stub.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Launch(CudaDevice device, nint kernel, nint y)
    {
        float amount = 2;
        long count = 32;
        void** arguments = stackalloc void*[] { &y, &amount, &count };
        device.Launch(kernel, new LaunchShape(1, 32), arguments, 3);
    }

    private static float[] Download(CudaDevice device, nint memory)
    {
        var values = new float[32];
        fixed (float* pointer = values)
        {
            device.Download(pointer, memory, 128);
        }

        return values;
    }

    private static void CallEverything(CudaDevice device)
    {
        nint memory = device.Allocate(256, "y"), pinned = device.AllocatePinned(64, "pinned"), first = device.CreateEvent(), last = device.CreateEvent();
        nint kernel = device.Kernel(device.LoadModule(Add, "add.cu", []), "add", 100 << 10);
        device.Record(first);
        Launch(device, kernel, memory);
        device.UploadPinned(memory, pinned, 64);
        device.DownloadPinned(pinned, memory, 64);
        device.Copy(memory, memory + 128, 64);
        device.Record(last);
        device.Milliseconds(first, last);
        nint graph = device.Capture(() => device.Clear(memory, 64));
        device.Replay(graph);
        device.FreeGraph(graph);
        device.FreeEvent(first);
        device.FreeEvent(last);
        device.FreePinned(pinned);
        device.Free(memory);
    }
}
