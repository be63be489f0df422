using System.Runtime.InteropServices;
using System.Text;
using Embeddings.Cuda;
using Embeddings.Cuda.Bindings;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>
/// The library of <c>stub.cpp</c>, which stands in for driver, NVRTC and cublasLt. It is one for the process, so tests that use it are in
/// one collection and run one after the other.
/// </summary>
[CollectionDefinition(Name)]
public sealed unsafe class StubLibrary : IDisposable
{
    /// <summary>The collection.</summary>
    public const string Name = "stub library";

    private static readonly Lazy<string> s_path = new(() => EmulatorCompiler.Build(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cuda", "Stub", "stub.cpp")),
        "stub.cpp",
        $"-DEMULATOR_FOLDER=\"{EmulatorCompiler.Headers}\"",
        $"-DCOMPILER=\"{EmulatorCompiler.Compiler}\""));

    private static readonly Lazy<nint> s_library = new(() => NativeLibrary.Load(s_path.Value));

    /// <summary>Resets the library, or skips the test where there is no compiler.</summary>
    public StubLibrary()
    {
        EmulatorCompiler.Require();
        foreach (NativeCandidates library in (ReadOnlySpan<NativeCandidates>)
            [NativeCandidates.Driver, NativeCandidates.Compiler, NativeCandidates.Products, NativeCandidates.OlderProducts])
        {
            Environment.SetEnvironmentVariable(library.Variable, LibraryPath);
        }

        ((delegate* unmanaged<void>)Export("stub_reset"))();
    }

    /// <summary>The library's file.</summary>
    public static string LibraryPath => s_path.Value;

    /// <summary>The loaded library.</summary>
    public static nint Library => s_library.Value;

    /// <summary>Whether this build multiplies by cublasLt.</summary>
    public static bool IsLt => CudaBinding.Name != "ManagedCuda";

    /// <summary>A file of its own for choices of algorithms, in a folder that is deleted at the end.</summary>
    public string CachePath { get; } = Path.Combine(Directory.CreateTempSubdirectory("embeddings-stub").FullName, "products.txt");

    /// <summary>A folder of its own for compiled modules, there.</summary>
    public string ModulesPath => Path.Combine(Path.GetDirectoryName(CachePath)!, "modules");

    /// <summary>Opens the device.</summary>
    public CudaDevice Open()
    {
        ICudaDriver driver = CudaBinding.OpenDriver();
        Assert.Equal(0, driver.Initialize());
        Func<CudaDevice, nint, IMatrixProducts> products = IsLt
            ? (device, stream) => new LtProducts(device, stream, Library, new AlgorithmCache(CachePath))
            : CudaBinding.OpenProducts;
        return new CudaDevice(driver, new KernelCompiler(Library), new ModuleCache(ModulesPath), products, 0);
    }

    /// <summary>Skips what is only so with cublasLt.</summary>
    public static void RequireLt() => Assert.SkipUnless(IsLt, "This build multiplies through ManagedCuda, which has no cublasLt.");

    /// <summary>Makes the next call of a function fail.</summary>
    public static void Fail(string function, int status)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(function + "\0"))
        {
            ((delegate* unmanaged<byte*, int, void>)Export("stub_fail"))(name, status);
        }
    }

    /// <summary>Calls of a function so far.</summary>
    public static long Calls(string function)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(function + "\0"))
        {
            return ((delegate* unmanaged<byte*, long>)Export("stub_calls"))(name);
        }
    }

    /// <summary>The options of the last compilation.</summary>
    public static string Options => Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)Export("stub_options"))())!;

    /// <summary>Allocations on the device.</summary>
    public static long Allocations => ((delegate* unmanaged<long>)Export("stub_allocations"))();

    /// <summary>Calls a control function of one whole number.</summary>
    public static void Set(string function, long value) => ((delegate* unmanaged<long, void>)Export(function))(value);

    /// <summary>Sets the simulated milliseconds of one of the ways to do a product.</summary>
    public static void SetTime(int way, double milliseconds) =>
        ((delegate* unmanaged<int, double, void>)Export("stub_way_time"))(way, milliseconds);

    /// <summary>Runs of one of the ways.</summary>
    public static long Runs(int way) => ((delegate* unmanaged<int, long>)Export("stub_way_runs"))(way);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeCandidates library in (ReadOnlySpan<NativeCandidates>)
            [NativeCandidates.Driver, NativeCandidates.Compiler, NativeCandidates.Products, NativeCandidates.OlderProducts])
        {
            Environment.SetEnvironmentVariable(library.Variable, null);
        }

        Directory.Delete(Path.GetDirectoryName(CachePath)!, recursive: true);
    }

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);
}
