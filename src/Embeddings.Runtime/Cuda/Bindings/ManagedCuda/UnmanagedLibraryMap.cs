using System.Runtime.Loader;

namespace Embeddings.Cuda.Bindings;

/// <summary>
/// ManagedCuda asks for <c>libcuda</c>, <c>cublas</c> and <c>nvrtc</c> without a version (or, compiled ahead of time, by their names on
/// Windows), which most installations do not have, and for CUDA 12 alone. Where the system finds nothing by such a name, this finds
/// what <see cref="NativeCandidates"/> finds, CUDA 13 included.
/// </summary>
public static class UnmanagedLibraryMap
{
    private static readonly Lock s_lock = new();
    private static bool s_installed;

    /// <summary>Starts to answer, once in a process. Programs that use ManagedCuda beside this library may call it before anything else.</summary>
    public static void Install()
    {
        lock (s_lock)
        {
            if (!s_installed)
            {
                AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Candidates(name)?.Load() ?? 0;
                s_installed = true;
            }
        }
    }

    /// <summary>What is missing, where an exception says that a library could not be loaded; else null.</summary>
    internal static CudaUnavailableException? Missing(Exception error) => error switch
    {
        CudaUnavailableException missing => missing,
        DllNotFoundException => new CudaUnavailableException("There is no CUDA here", error.Message.TrimEnd('.')),
        { InnerException: { } inner } => Missing(inner),
        _ => null,
    };

    /// <summary>The library that a name of ManagedCuda's means; null for any other.</summary>
    internal static NativeCandidates? Candidates(string name) => Path.GetFileName(name) switch
    {
        "libcuda" or "nvcuda" => NativeCandidates.Driver,
        "cublas" or "cublas64_12" => NativeCandidates.OlderProducts,
        "nvrtc" or "nvrtc64_120_0" => NativeCandidates.Compiler,
        _ => null,
    };
}
