using System.Runtime.InteropServices;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// Where a library of CUDA may be, in the order in which it is looked for: the path in an environment variable; what the system's loader
/// finds, versioned before unversioned and CUDA 13 before 12; the toolkit's folder; the folders that Python wheels of CUDA put it in.
/// </summary>
internal sealed record NativeCandidates
{
    /// <summary>The driver.</summary>
    public static NativeCandidates Driver { get; } = new()
    {
        Purpose = "the NVIDIA driver (libcuda)",
        Remedy = "install the driver of an NVIDIA card",
        Variable = "EMBEDDINGS_CUDA_DRIVER",
        LinuxNames = ["libcuda.so.1", "libcuda.so"],
        WindowsNames = ["nvcuda.dll"],
        WheelFolders = [],
    };

    /// <summary>The kernel compiler.</summary>
    public static NativeCandidates Compiler { get; } = new()
    {
        Purpose = "the CUDA kernel compiler (NVRTC)",
        Remedy = "install the CUDA toolkit 12 or 13, or the Python package nvidia-cuda-nvrtc",
        Variable = "EMBEDDINGS_CUDA_NVRTC",
        LinuxNames = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"],
        WindowsNames = ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"],
        WheelFolders = ["cu13", "cuda_nvrtc"],
    };

    /// <summary>Matrix products.</summary>
    public static NativeCandidates Products { get; } = new()
    {
        Purpose = "the CUDA library of matrix products (cublasLt)",
        Remedy = "install the CUDA toolkit 12 or 13, or the Python package nvidia-cublas",
        Variable = "EMBEDDINGS_CUDA_CUBLASLT",
        LinuxNames = ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"],
        WindowsNames = ["cublasLt64_13.dll", "cublasLt64_12.dll"],
        WheelFolders = ["cu13", "cublas"],
    };

    /// <summary>Matrix products of the older interface, which ManagedCuda wraps.</summary>
    public static NativeCandidates OlderProducts { get; } = new()
    {
        Purpose = "the CUDA library of matrix products (cuBLAS)",
        Remedy = "install the CUDA toolkit 12 or 13, or the Python package nvidia-cublas",
        Variable = "EMBEDDINGS_CUDA_CUBLAS",
        LinuxNames = ["libcublas.so.13", "libcublas.so.12", "libcublas.so"],
        WindowsNames = ["cublas64_13.dll", "cublas64_12.dll"],
        WheelFolders = ["cu13", "cublas"],
    };

    /// <summary>The library in words.</summary>
    public required string Purpose { get; init; }

    /// <summary>What to do where it is missing, in words.</summary>
    public required string Remedy { get; init; }

    /// <summary>Environment variable with its path.</summary>
    public required string Variable { get; init; }

    /// <summary>File names on Linux, best first.</summary>
    public required IReadOnlyList<string> LinuxNames { get; init; }

    /// <summary>File names on Windows, best first.</summary>
    public required IReadOnlyList<string> WindowsNames { get; init; }

    /// <summary>Folders of the Python package <c>nvidia</c> that may hold it.</summary>
    public required IReadOnlyList<string> WheelFolders { get; init; }

    /// <summary>Loads the first that there is.</summary>
    /// <exception cref="CudaUnavailableException">There is none, or the one that the variable names cannot be loaded.</exception>
    public nint Load()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return NativeLibrary.TryLoad(named, out nint chosen)
                ? chosen
                : throw new CudaUnavailableException($"{Variable} names '{named}', which cannot be loaded as {Purpose}");
        }

        foreach (string path in Paths())
        {
            if (NativeLibrary.TryLoad(path, out nint library))
            {
                return library;
            }
        }

        throw new CudaUnavailableException($"There is no CUDA here, for {Purpose} was not found", $"{Remedy}, or set {Variable} to its path");
    }

    /// <summary>Every place, best first.</summary>
    internal IEnumerable<string> Paths()
    {
        IReadOnlyList<string> names = OperatingSystem.IsWindows() ? WindowsNames : LinuxNames;
        foreach (string name in names)
        {
            yield return name;
        }

        foreach (string folder in ToolkitFolders().Concat(PackageFolders()).Where(Directory.Exists))
        {
            foreach (string path in names.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                yield return path;
            }
        }
    }

    private static IEnumerable<string> ToolkitFolders()
    {
        string inside = OperatingSystem.IsWindows() ? "bin" : "lib64";
        foreach (string variable in (string[])["CUDA_HOME", "CUDA_PATH"])
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } toolkit)
            {
                yield return Path.Combine(toolkit, inside);
            }
        }

        if (OperatingSystem.IsLinux())
        {
            yield return "/usr/local/cuda/lib64";
            yield return "/usr/local/nvidia/lib64";
        }
    }

    private IEnumerable<string> PackageFolders() =>
        from prefix in PythonPrefixes()
        from site in SiteFolders(prefix)
        from folder in WheelFolders
        select Path.Combine(site, "nvidia", folder, OperatingSystem.IsWindows() ? "bin" : "lib");

    /// <summary>Prefixes of the Python installations that a user would expect to be meant.</summary>
    private static IEnumerable<string> PythonPrefixes()
    {
        foreach (string variable in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } prefix)
            {
                yield return prefix;
            }
        }

        string python = OperatingSystem.IsWindows() ? "python.exe" : "python3";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            if (folder.Length > 0 && File.Exists(Path.Combine(folder, python)))
            {
                yield return OperatingSystem.IsWindows() ? folder : Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? folder;
            }
        }
    }

    private static IEnumerable<string> SiteFolders(string prefix)
    {
        if (OperatingSystem.IsWindows())
        {
            return [Path.Combine(prefix, "Lib", "site-packages")];
        }

        string library = Path.Combine(prefix, "lib");
        return !Directory.Exists(library) ? [] :
            from version in Directory.EnumerateDirectories(library, "python3*").Order(StringComparer.Ordinal)
            from packages in (string[])["site-packages", "dist-packages"]
            select Path.Combine(version, packages);
    }
}
