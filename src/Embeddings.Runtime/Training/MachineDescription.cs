using System.Runtime.InteropServices;
using Embeddings.Cpu;

namespace Embeddings.Training;

/// <summary>The machine and the versions that a run was made with.</summary>
public sealed record MachineDescription
{
    /// <summary>Operating system and version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Processor's name, or its architecture where the system does not tell.</summary>
    public required string Processor { get; init; }

    /// <summary>Logical processors.</summary>
    public required int Processors { get; init; }

    /// <summary>Bits of the widest vectors the code uses.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string Runtime { get; init; }

    /// <summary>Version of this library.</summary>
    public required string Embeddings { get; init; }

    /// <summary>This machine.</summary>
    public static MachineDescription Current { get; } = new()
    {
        OperatingSystem = RuntimeInformation.OSDescription,
        Processor = ProcessorName(),
        Processors = Environment.ProcessorCount,
        VectorBits = MultiplyAddPeak.VectorBits,
        MemoryMiB = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        Runtime = RuntimeInformation.FrameworkDescription,
        Embeddings = typeof(MachineDescription).Assembly.GetName().Version?.ToString(3) ?? "",
    };

    private static string ProcessorName()
    {
        const string LinuxFile = "/proc/cpuinfo";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString();
        try
        {
            if (File.Exists(LinuxFile) && File.ReadLines(LinuxFile).FirstOrDefault(
                line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line)
            {
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }
        catch (IOException)
        {
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? architecture;
    }
}
