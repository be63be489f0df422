namespace Embeddings.Cpu;

/// <summary>How often each kernel of a pool ran, over how many tiles, and how long it took from its start to its last tile.</summary>
internal sealed class KernelTimes
{
    private readonly Dictionary<(Type Kernel, int Tiles), (int Runs, TimeSpan Time)> _times = [];

    /// <summary>Kernels with the time they took, the longest first.</summary>
    public IEnumerable<(string Kernel, int Tiles, int Runs, TimeSpan Time)> Longest => _times
        .OrderByDescending(pair => pair.Value.Time)
        .Select(pair => (NameOf(pair.Key.Kernel), pair.Key.Tiles, pair.Value.Runs, pair.Value.Time));

    /// <summary>Adds one run of a kernel.</summary>
    public void Add(Type kernel, int tiles, TimeSpan time)
    {
        _times.TryGetValue((kernel, tiles), out (int Runs, TimeSpan Time) sum);
        _times[(kernel, tiles)] = (sum.Runs + 1, sum.Time + time);
    }

    /// <summary>Forgets what was added.</summary>
    public void Clear() => _times.Clear();

    /// <summary>The kernel's own name, and that of the epilogue or row kernel inside it.</summary>
    private static string NameOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        Type? inner = type.GenericTypeArguments.LastOrDefault(argument => !argument.IsPrimitive && argument.Namespace != "System.Runtime.Intrinsics");
        return inner is null || inner == type.DeclaringType ? name : $"{name} {NameOf(inner)}";
    }
}
