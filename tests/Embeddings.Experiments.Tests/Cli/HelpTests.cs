using System.CommandLine;
using System.Text.RegularExpressions;
using Embeddings.Experiments.Cli;

namespace Embeddings.Experiments.Tests.Cli;

public sealed partial class HelpTests
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
        Assert.All(ChoiceWithDefault().Matches(help), choice => Assert.Contains(choice.Groups[2].Value, choice.Groups[1].Value.Split(", ")));
    }

    [GeneratedRegex(@"One of ([^.]*)\. \[default: ([^\]]*)\]")]
    private static partial Regex ChoiceWithDefault();

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
