using Embeddings.Cuda;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Products through the binding of cublasLt, against the stub, which sums by columns as cublasLt does.</summary>
[Collection(StubLibrary.Name)]
public sealed class MatrixProductTests : IDisposable
{
    private const int AllEpilogues = -1;
    private const int NoEpilogue = 1;

    private readonly StubLibrary _stub = new();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Rows_and_transposes_go_to_a_library_that_counts_by_columns(bool transposeA, bool transposeB)
    {
        using CudaDevice device = _stub.Open();
        var samples = new ProductSamples(device);
        samples.Check(7, 5, 9, transposeA, transposeB, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
        samples.Check(6, 11, 4, transposeA, transposeB, CudaElement.BFloat16, CudaElement.BFloat16, ProductEpilogue.None, 0);
        samples.Check(8, 3, 6, transposeA, transposeB, CudaElement.BFloat16, CudaElement.Single, ProductEpilogue.None, 1);
    }

    [Theory]
    [InlineData(ProductEpilogue.Bias, 0)]
    [InlineData(ProductEpilogue.Bias, 1)]
    [InlineData(ProductEpilogue.Gelu, 0)]
    [InlineData(ProductEpilogue.BiasGelu, 0)]
    [InlineData(ProductEpilogue.GeluGradient, 0)]
    [InlineData(ProductEpilogue.GeluGradientBias, 0)]
    [InlineData(ProductEpilogue.RowSumsOfA, 0)]
    public void Epilogues_are_the_same_fused_and_as_kernels(ProductEpilogue epilogue, float beta)
    {
        foreach (int supported in (int[])[AllEpilogues, NoEpilogue])
        {
            StubLibrary.Set("stub_epilogues", supported);
            using CudaDevice device = _stub.Open();
            var samples = new ProductSamples(device);
            foreach (bool transposed in (bool[])[false, true])
            {
                samples.Check(7, 10, 6, transposed, !transposed, CudaElement.Single, CudaElement.Single, epilogue, beta);
                samples.Check(9, 6, 5, transposed, transposed, CudaElement.BFloat16, CudaElement.BFloat16, epilogue, beta);
                samples.Check(5, 4, 8, transposed, true, CudaElement.BFloat16, CudaElement.Single, epilogue, beta);
            }

            Assert.Equal(supported == NoEpilogue || !StubLibrary.IsLt, StubLibrary.Calls("cuLaunchKernel") > 0);
        }
    }

    /// <summary>Fused and as a kernel, at first and where a way was chosen already; the matrix that is added stays as it is.</summary>
    [Theory]
    [InlineData(ProductEpilogue.None)]
    [InlineData(ProductEpilogue.Bias)]
    public void A_matrix_other_than_C_is_added(ProductEpilogue epilogue)
    {
        foreach (int supported in (int[])[AllEpilogues, NoEpilogue])
        {
            StubLibrary.Set("stub_epilogues", supported);
            using CudaDevice device = _stub.Open();
            var samples = new ProductSamples(device);
            samples.Check(7, 10, 6, false, true, CudaElement.Single, CudaElement.Single, epilogue, 1, times: 2, hasAddend: true);
            samples.Check(9, 6, 5, true, false, CudaElement.BFloat16, CudaElement.BFloat16, epilogue, 0.5f, hasAddend: true);
        }

        using var emulated = new EmulatedDevice();
        new ProductSamples(emulated).Check(7, 10, 6, false, true, CudaElement.BFloat16, CudaElement.Single, epilogue, 1, hasAddend: true);
    }

    [Fact]
    public void The_fastest_way_is_found_by_timing_and_what_C_holds_is_not_spoilt()
    {
        StubLibrary.RequireLt();
        using CudaDevice device = _stub.Open();
        new ProductSamples(device).Check(4, 4, 4, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, beta: 1, times: 3);
        Assert.Equal(6, StubLibrary.Runs(0));
        Assert.Equal(6 + 3, StubLibrary.Runs(1));
        Assert.Equal(6, StubLibrary.Runs(2));
        Assert.Equal(0, StubLibrary.Runs(3));
    }

    [Fact]
    public void A_likelier_way_is_kept_where_another_is_hardly_faster()
    {
        StubLibrary.RequireLt();
        StubLibrary.SetTime(0, 1.005);
        using CudaDevice device = _stub.Open();
        new ProductSamples(device).Check(4, 4, 4, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
        Assert.Equal(6 + 1, StubLibrary.Runs(0));
    }

    [Fact]
    public void A_choice_is_kept_for_the_next_run_and_not_for_another_shape()
    {
        StubLibrary.RequireLt();
        using (CudaDevice device = _stub.Open())
        {
            new ProductSamples(device).Check(4, 4, 4, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
        }

        string line = Assert.Single(File.ReadAllLines(_stub.CachePath));
        Assert.StartsWith("Stub Device sm_90 4 cublasLt 120803 4x4x4 NN Single-Single ld 12 12 12 16 None aligned 16 16 16\t", line);
        StubLibrary.SetTime(1, 100);
        long before = StubLibrary.Runs(1);
        using (CudaDevice device = _stub.Open())
        {
            new ProductSamples(device).Check(4, 4, 4, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
            Assert.Equal(before + 1, StubLibrary.Runs(1));
            new ProductSamples(device).Check(4, 4, 5, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
            Assert.Equal(before + 1 + 6, StubLibrary.Runs(1));
        }
    }

    [Fact]
    public void A_kept_choice_that_the_library_no_longer_takes_is_timed_again()
    {
        StubLibrary.RequireLt();
        using CudaDevice device = _stub.Open();
        string key = "Stub Device sm_90 4 cublasLt 120803 4x4x4 NN Single-Single ld 12 12 12 16 None aligned 16 16 16";
        File.WriteAllLines(_stub.CachePath, ["not a line", key + "\tabc", $"{key}\t{new string('0', 128)}"]);
        new ProductSamples(device).Check(4, 4, 4, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
        Assert.Equal(6 + 1, StubLibrary.Runs(1));
    }

    [Fact]
    public void Nothing_is_timed_while_a_graph_is_captured()
    {
        StubLibrary.RequireLt();
        using CudaDevice device = _stub.Open();
        nint memory = device.Allocate(1024, "matrices");
        var product = new DeviceProduct
        {
            M = 4, N = 4, K = 4, A = memory, B = memory + 256, C = memory + 512, LeadingA = 4, LeadingB = 4, LeadingC = 4, Alpha = 1,
        };
        nint graph = device.Capture(() => device.Multiply(product));
        Assert.Equal(0, StubLibrary.Runs(0));
        device.Replay(graph);
        Assert.Equal(1, StubLibrary.Runs(0));
        Assert.Equal(0, StubLibrary.Runs(1));
        device.Multiply(product);
        Assert.Equal(6 + 1, StubLibrary.Runs(1));
        device.FreeGraph(graph);
    }

    [Fact]
    public void A_product_without_memory_to_time_in_takes_the_likeliest_way()
    {
        StubLibrary.RequireLt();
        using CudaDevice device = _stub.Open();
        var samples = new ProductSamples(device);
        StubLibrary.Set("stub_memory", device.Info.TotalBytes - device.Info.FreeBytes + 900);
        samples.Check(4, 4, 4, false, false, CudaElement.Single, CudaElement.Single, ProductEpilogue.None, 0);
        Assert.Equal(1, StubLibrary.Runs(0));
        Assert.Equal(0, StubLibrary.Runs(1));
    }

    [Fact]
    public void A_beta_beside_an_epilogue_that_cannot_have_one_is_refused()
    {
        using CudaDevice device = _stub.Open();
        Assert.Throws<ArgumentException>(() => device.Multiply(new DeviceProduct { M = 1, N = 1, K = 1, Beta = 1, Epilogue = ProductEpilogue.Gelu }));
    }

    [Fact]
    public void The_emulated_device_does_epilogues_as_the_library_does()
    {
        using var device = new EmulatedDevice();
        var samples = new ProductSamples(device);
        foreach (ProductEpilogue epilogue in Enum.GetValues<ProductEpilogue>())
        {
            samples.Check(5, 6, 7, true, true, CudaElement.BFloat16, CudaElement.Single, epilogue, 0);
        }
    }

    public void Dispose() => _stub.Dispose();
}
