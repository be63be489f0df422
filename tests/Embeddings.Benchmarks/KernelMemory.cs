using Embeddings.Models;

namespace Embeddings.Benchmarks;

/// <summary>Tensors for a benchmark.</summary>
internal static unsafe class KernelMemory
{
    /// <summary>Small values that are neither equal nor zero.</summary>
    public static Arena<float> Filled(long count)
    {
        var arena = new Arena<float>(count);
        for (long i = 0; i < count; i++)
        {
            arena.Pointer[i] = (i * 7 % 13 - 6.25f) * 1e-2f;
        }

        return arena;
    }
}
