using System.CommandLine;
using Embeddings.Experiments.Cli;

namespace Embeddings.Experiments.Tests.Cli;

public sealed class HelpTests
{
    private const int LongestLine = 220;

    public static TheoryData<string> Commands => [.. Paths(EmbeddingsProgram.CreateRoot(), "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_explains_itself_with_examples_in_lines_that_can_be_read(string path)
    {
        string help = await CommandLine.Succeed([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Contains("Usage:", help, StringComparison.Ordinal);
        Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.InRange(line.Length, 0, LongestLine));
    }

    private static IEnumerable<string> Paths(Command command, string path)
    {
        foreach (Command inner in command.Subcommands)
        {
            string name = $"{path} {inner.Name}".Trim();
            yield return name;
            foreach (string deeper in Paths(inner, name))
            {
                yield return deeper;
            }
        }
    }
}
