using System.Numerics;
using Embeddings.Cpu;

namespace Embeddings.Runtime.Tests.Cpu;

/// <summary>Pools and tolerances that the kernel tests share.</summary>
internal static class Pools
{
    public static WorkerPool One { get; } = new(1);

    public static WorkerPool Two { get; } = new(2);

    public static WorkerPool Three { get; } = new(3);

    /// <summary>An error that sums of a few hundred products of size one do not exceed.</summary>
    public static double Tolerance<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => typeof(T) == typeof(float) ? 2e-4 : 1e-11;
}
