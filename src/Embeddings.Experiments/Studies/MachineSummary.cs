using System.Numerics;
using System.Runtime.InteropServices;

namespace Embeddings.Experiments.Studies;

/// <summary>The machine and the versions that a study ran with.</summary>
public sealed record MachineSummary
{
    /// <summary>The processor's name, where the system tells it.</summary>
    public required string Processor { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>Threads that trained.</summary>
    public required int Threads { get; init; }

    /// <summary>Bits of a SIMD register that vectors use.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Operating system.</summary>
    public required string System { get; init; }

    /// <summary>.NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>Version of this program.</summary>
    public required string Program { get; init; }

    /// <summary>Describes this machine.</summary>
    public static MachineSummary Current(int threads) => new()
    {
        Processor = ProcessorName(),
        Processors = Environment.ProcessorCount,
        Threads = threads,
        VectorBits = Vector<byte>.Count * 8,
        System = RuntimeInformation.OSDescription + " " + RuntimeInformation.ProcessArchitecture,
        Runtime = RuntimeInformation.FrameworkDescription,
        Program = typeof(MachineSummary).Assembly.GetName().Version?.ToString(3) ?? "unknown",
    };

    private static string ProcessorName()
    {
        const string Information = "/proc/cpuinfo";
        try
        {
            if (File.Exists(Information))
            {
                string? line = File.ReadLines(Information).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
                if (line?.Split(':', 2) is [_, string name])
                {
                    return name.Trim();
                }
            }
        }
        catch (IOException)
        {
            // A system that does not let its processor be read still runs the study.
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
