using System.CommandLine;

namespace Embeddings.Experiments.Cli;

/// <summary><c>study</c>: experiments that end in a report.</summary>
internal static class StudyCommand
{
    /// <summary>What a command line without words means.</summary>
    public static IReadOnlyList<string> Default { get; } = ["study", "vocabulary", "--tier", "quick"];

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("study", "Run an experiment and write its report.") { StudyVocabularyCommand.Create() };
        HelpWithExamples.AddExamples(command, "embeddings study vocabulary", "embeddings study vocabulary --tier full --seeds 8");
        return command;
    }
}
