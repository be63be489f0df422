using System.CommandLine;

namespace Embeddings.Experiments.Cli;

/// <summary><c>bench</c>: how fast this machine does a thing, against what it could.</summary>
internal static class BenchCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("bench", "Time a piece of the work on this machine.")
        {
            BenchStepCommand.Create(),
            BenchMatMulCommand.Create(),
            BenchTokenizerCommand.Create(),
        };
        HelpWithExamples.AddExamples(command, "embeddings bench step --variant BenchTiny", "embeddings bench matmul --variant Gpt2Small --json");
        return command;
    }
}
