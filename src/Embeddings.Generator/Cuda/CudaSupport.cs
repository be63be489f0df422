using Embeddings.Generator.Emit;
using Embeddings.Generator.Model;

namespace Embeddings.Generator.Cuda;

/// <summary>
/// What a declaration may ask for that no CUDA step does. Operations without a kernel are refused where they would be printed; here is what
/// changes the step around them, which would otherwise be left out without a word.
/// </summary>
internal static class CudaSupport
{
    /// <exception cref="CudaUnsupportedException">The model needs something of the kind.</exception>
    public static void Require(CompiledSpec model)
    {
        ArchitectureSpec shape = model.Spec.Architecture;
        Refuse(shape.DecoderWidth > 0 && shape.FutureWeights.Count > 0, "targets further ahead that are said as bytes");
    }

    private static void Refuse(bool isNeeded, string what)
    {
        if (isNeeded)
        {
            throw new CudaUnsupportedException(what);
        }
    }
}
