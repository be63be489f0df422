using System.CommandLine;
using Embeddings.Experiments.Tokenizers;

namespace Embeddings.Experiments.Cli;

/// <summary>The options for the tokenizers beside the targets'.</summary>
internal sealed record SideTokenizers(Option<string?> Inputs, Option<string?> Second, Option<string?> Suffixes)
{
    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Inputs, Second, Suffixes })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the user gives.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="targets">The file of the targets' tokenizer.</param>
    public TokenizerPaths Paths(ParseResult parsed, string? targets) =>
        new(targets, parsed.GetValue(Inputs), parsed.GetValue(Second), parsed.GetValue(Suffixes));
}
