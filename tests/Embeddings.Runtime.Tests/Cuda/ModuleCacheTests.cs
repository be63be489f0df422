using Embeddings.Cuda;
using Embeddings.Cuda.Bindings;

namespace Embeddings.Runtime.Tests.Cuda;

/// <summary>Kernels that an earlier run compiled, against the stub.</summary>
[Collection(StubLibrary.Name)]
public sealed class ModuleCacheTests : IDisposable
{
    private const string Text = "#include \"emulator.h\"\nKERNEL(32) kept(float* y) { y[threadX()] = SIZE; }";

    private readonly StubLibrary _stub = new();

    [Fact]
    public void The_next_run_compiles_only_what_is_new()
    {
        Assert.Equal(1, Compilations("SIZE=1"));
        Assert.Equal(0, Compilations("SIZE=1"));
        Assert.Equal(1, Compilations("SIZE=2"));
        Assert.Equal(1, Compilations("SIZE=1", Text + "\n"));
        Assert.Equal(0, Compilations("SIZE=2"));
        Assert.Equal(3, Directory.GetFiles(_stub.ModulesPath).Length);
    }

    [Fact]
    public void What_is_kept_is_of_one_compiler_and_one_architecture()
    {
        var compiler = new KernelCompiler(StubLibrary.Library);
        string key = compiler.Key(Text, ["SIZE=1"], 90);
        Assert.StartsWith("NVRTC 12080 --gpu-architecture=sm_90 --std=c++17 --define-macro=SIZE=1\n", key);
        Assert.NotEqual(key, compiler.Key(Text, ["SIZE=1"], 80));
        Assert.NotEqual(key, compiler.Key(Text, ["SIZE=1"], 120));
    }

    /// <summary>Code with a bit that changed, code that ends early, nothing at all: compiled again, and whole afterwards.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(40)]
    [InlineData(7)]
    [InlineData(0)]
    public void A_damaged_file_is_compiled_again(int length)
    {
        Compilations("SIZE=1");
        string file = Assert.Single(Directory.GetFiles(_stub.ModulesPath));
        byte[] whole = File.ReadAllBytes(file);
        byte[] damaged = length < 0 ? [.. whole[..^1], (byte)(whole[^1] ^ 1)] : whole[..length];
        File.WriteAllBytes(file, damaged);
        Assert.Equal(1, Compilations("SIZE=1"));
        Assert.Equal(0, Compilations("SIZE=1"));
    }

    /// <summary>Which a driver might take all the same.</summary>
    [Fact]
    public void Code_with_a_bit_that_changed_is_not_found()
    {
        var cache = new ModuleCache(_stub.ModulesPath);
        cache.Add("key", [1, 2, 3]);
        Assert.Equal([1, 2, 3], cache.Find("key")!);
        string file = Assert.Single(Directory.GetFiles(_stub.ModulesPath));
        File.WriteAllBytes(file, [.. File.ReadAllBytes(file)[..^1], 2]);
        Assert.Null(cache.Find("key"));
    }

    /// <summary>As of a compiler that is newer than the driver.</summary>
    [Fact]
    public void Code_that_the_driver_refuses_is_compiled_again()
    {
        Compilations("SIZE=1");
        StubLibrary.Fail("cuModuleLoadData", 218);
        Assert.Equal(1, Compilations("SIZE=1"));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_nothing_but_time()
    {
        File.WriteAllText(_stub.ModulesPath, "a file where the folder would be");
        Assert.Equal(1, Compilations("SIZE=1"));
        Assert.Equal(1, Compilations("SIZE=1"));
    }

    [Fact]
    public void Those_not_used_for_longest_make_room()
    {
        const int Most = 8;
        var cache = new ModuleCache(_stub.ModulesPath, Most);
        for (int i = 0; i < Most; i++)
        {
            cache.Add($"{i}", [(byte)i]);
        }

        DateTime now = DateTime.UtcNow;
        foreach (string file in Directory.GetFiles(_stub.ModulesPath))
        {
            File.SetLastWriteTimeUtc(file, now.AddHours(-1));
        }

        Assert.Equal([5], cache.Find("5")!);
        for (int i = 0; i < Most - 1; i++)
        {
            cache.Add($"new {i}", [1]);
        }

        Assert.Equal(Most, Directory.GetFiles(_stub.ModulesPath).Length);
        Assert.Equal([5], cache.Find("5")!);
        Assert.Null(cache.Find("6"));
    }

    /// <inheritdoc/>
    public void Dispose() => _stub.Dispose();

    private long Compilations(string define, string text = Text)
    {
        long before = StubLibrary.Calls("nvrtcCompileProgram");
        using CudaDevice device = _stub.Open();
        nint kernel = device.Kernel(device.LoadModule(text, "kept.cu", [define]), "kept", 0);
        Assert.NotEqual(0, kernel);
        return StubLibrary.Calls("nvrtcCompileProgram") - before;
    }
}
