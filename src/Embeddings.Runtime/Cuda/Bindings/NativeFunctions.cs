using System.Runtime.InteropServices;

namespace Embeddings.Cuda.Bindings;

/// <summary>The functions of a loaded library.</summary>
/// <param name="library">The library.</param>
/// <param name="purpose">The library in words.</param>
internal readonly struct NativeFunctions(nint library, string purpose)
{
    /// <summary>The address of a function.</summary>
    /// <exception cref="CudaUnavailableException">The library has no such function.</exception>
    public nint this[string name] => NativeLibrary.TryGetExport(library, name, out nint address)
        ? address
        : throw new CudaUnavailableException($"The library found as {purpose} has no {name}", "it is too old: CUDA 12 or 13 is needed");
}
