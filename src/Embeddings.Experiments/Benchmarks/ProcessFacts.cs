using System.Diagnostics;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>What the operating system knows about this process.</summary>
internal static class ProcessFacts
{
    /// <summary>Seconds since the process was started, the runtime's own start included.</summary>
    public static double SecondsSinceStart()
    {
        using var process = Process.GetCurrentProcess();
        return (DateTime.UtcNow - process.StartTime.ToUniversalTime()).TotalSeconds;
    }

    /// <summary>The most memory the process has held resident so far, in MiB.</summary>
    public static double PeakMemoryMiB()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / (double)(1 << 20);
    }
}
