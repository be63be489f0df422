namespace Embeddings.Cpu;

/// <summary>
/// How often each kernel of a pool ran, over how many tiles, and how long it took from its start to its last tile. Set it as a pool's
/// <see cref="WorkerPool.Times"/> to see where a step's time goes; it allocates, and costs a clock's reading a kernel.
/// </summary>
public sealed class KernelTimes
{
    private readonly Dictionary<(Type Kernel, int Tiles), (int Runs, TimeSpan Time)> _times = [];

    /// <summary>Kernels with the time they took, the longest first. One kernel stands apart for every number of tiles.</summary>
    public IEnumerable<(string Kernel, int Tiles, int Runs, TimeSpan Time)> Longest => _times
        .OrderByDescending(pair => pair.Value.Time)
        .Select(pair => (NameOf(pair.Key.Kernel), pair.Key.Tiles, pair.Value.Runs, pair.Value.Time));

    /// <summary>Adds one run of a kernel.</summary>
    internal void Add(Type kernel, int tiles, TimeSpan time)
    {
        _times.TryGetValue((kernel, tiles), out (int Runs, TimeSpan Time) sum);
        _times[(kernel, tiles)] = (sum.Runs + 1, sum.Time + time);
    }

    /// <summary>The kernel's own name (its class's where it has none), and that of the epilogue or row kernel inside it.</summary>
    private static string NameOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        if (name == "Kernel" && type.DeclaringType is { } declaring)
        {
            name = declaring.Name.Split('`')[0];
        }

        Type? inner = type.GenericTypeArguments.LastOrDefault(argument => !argument.IsPrimitive
            && (argument.IsAssignableTo(typeof(IRowKernel)) || argument.GetInterfaces().Any(IsEpilogue)) && !IsNothing(argument));
        return inner is null ? name : $"{name} {NameOf(inner)}";
    }

    private static bool IsEpilogue(Type contract) => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEpilogue<>);

    private static bool IsNothing(Type epilogue) => epilogue.IsGenericType && epilogue.GetGenericTypeDefinition() == typeof(NoEpilogue<>);
}
